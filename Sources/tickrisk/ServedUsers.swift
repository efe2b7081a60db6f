// SPDX-License-Identifier: Apache-2.0
// Users behind a running daemon, over its API.

import Foundation
import FoundationNetworking

struct ServedUsers: UserBook {
    let address: StreamAddress
    let authorization: String

    private struct Role: Codable {
        let account: String?
        let role: String

        init(_ role: RoleText) {
            self.account = role.account
            self.role = role.role
        }

        /// A role on everything says so: the member is null, not absent.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(self.account, forKey: .account)
            try container.encode(self.role, forKey: .role)
        }
    }

    func close() async throws {}

    /// The API's members are in snake case.
    private static func decode<Answer: Decodable>(_ type: Answer.Type, from data: Data) throws -> Answer {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: data)
    }

    // MARK: Users

    func add(user name: String, password: String?, roles: [RoleText]) async throws {
        struct Body: Encodable {
            let name: String
            let password: String?
            let roles: [Role]
        }
        _ = try await self.send("POST", "users", Body(name: name, password: password, roles: roles.map(Role.init)))
    }

    func set(password: String, of name: String) async throws {
        _ = try await self.send("PATCH", "users/\(Self.escaped(name))", ["password": password])
    }

    func set(isDisabled: Bool, of name: String) async throws {
        _ = try await self.send("PATCH", "users/\(Self.escaped(name))", ["disabled": isDisabled])
    }

    func set(roles: [RoleText], of name: String) async throws {
        _ = try await self.send("PUT", "users/\(Self.escaped(name))/roles", ["roles": roles.map(Role.init)])
    }

    func users() async throws -> [ListedUser] {
        struct Answer: Decodable {
            struct User: Decodable {
                let name: String
                let disabled: Bool
                let hasPassword: Bool
                let roles: [Role]
            }
            let users: [User]
        }
        let answer = try Self.decode(Answer.self, from: try await self.send("GET", "users"))
        return answer.users.map { user in
            ListedUser(
                name: user.name, isDisabled: user.disabled, hasPassword: user.hasPassword,
                roles: user.roles.map { RoleText(role: $0.role, account: $0.account) })
        }
    }

    // MARK: Tokens

    func addToken(of name: String?, scopes: [String], expiresNanoseconds: UInt64?) async throws -> NewToken {
        try Self.requireOwn(name)
        struct Body: Encodable {
            let scopes: [String]
            let expiresNs: UInt64?
        }
        struct Answer: Decodable {
            let id: String
            let token: String
        }
        let data = try await self.send("POST", "tokens", Body(scopes: scopes, expiresNs: expiresNanoseconds))
        let answer = try Self.decode(Answer.self, from: data)
        return NewToken(id: answer.id, secret: answer.token)
    }

    func tokens(of name: String?) async throws -> [ListedToken] {
        try Self.requireOwn(name)
        struct Answer: Decodable {
            struct Token: Decodable {
                let id: String
                let scopes: [String]
                let expiresNs: UInt64?
            }
            let tokens: [Token]
        }
        let answer = try Self.decode(Answer.self, from: try await self.send("GET", "tokens"))
        return answer.tokens.map {
            ListedToken(id: $0.id, user: "", scopes: $0.scopes, expiresNanoseconds: $0.expiresNs)
        }
    }

    func revokeToken(_ id: String) async throws { _ = try await self.send("DELETE", "tokens/\(Self.escaped(id))") }

    private static func requireOwn(_ name: String?) throws {
        if name != nil { throw Failure("a daemon shows and makes the tokens of whoever asks only; leave the name out") }
    }

    // MARK: HTTP

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    private func send(_ method: String, _ path: String) async throws -> Data {
        try await self.send(method, path, data: nil)
    }

    private func send(_ method: String, _ path: String, _ body: some Encodable) async throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try await self.send(method, path, data: try encoder.encode(body))
    }

    private func send(_ method: String, _ path: String, data: Data?) async throws -> Data {
        var request = URLRequest(url: self.address.resource("/api/v1/\(path)"))
        request.httpMethod = method
        request.httpBody = data
        request.setValue(self.authorization, forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        do {
            let (answer, response) = try await URLSession.shared.data(for: request)
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            guard (200..<300).contains(status) else { throw Failure(Self.reason(answer, status: status)) }
            return answer
        } catch let error as URLError {
            throw Failure("no daemon at \(self.address.authority): \(error.localizedDescription)")
        }
    }

    private static func reason(_ answer: Data, status: Int) -> String {
        struct Problem: Decodable {
            let detail: String
            let errors: [String: String]?
        }
        guard let problem = try? JSONDecoder().decode(Problem.self, from: answer) else {
            return "the daemon answers \(status)"
        }
        let errors = (problem.errors ?? [:]).sorted { $0.key < $1.key }.map { "\n  \($0.key): \($0.value)" }
        return problem.detail + errors.joined()
    }
}
