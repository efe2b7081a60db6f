// SPDX-License-Identifier: Apache-2.0
// What `tickrisk user` does to users, wherever they are kept.

/// A role as people write it: `view:ALPHA`, or `admin` for every account and the house.
struct RoleText: Equatable {
    static let roles = ["view", "trade", "risk", "admin"]

    let role: String
    let account: String?

    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let role = parts.first.map(String.init), Self.roles.contains(role), parts.last?.isEmpty == false else {
            return nil
        }
        self.role = role
        self.account = parts.count > 1 ? String(parts[1]) : nil
    }

    init(role: String, account: String?) {
        self.role = role
        self.account = account
    }

    var text: String { self.role + (self.account.map { ":\($0)" } ?? "") }
}

struct ListedUser: Equatable {
    var name: String
    var isDisabled: Bool
    var hasPassword: Bool
    var roles: [RoleText]
}

struct ListedToken: Equatable {
    var id: String
    var user: String
    var scopes: [String]
    /// Nanoseconds since 1970; `nil` until revoked.
    var expiresNanoseconds: UInt64?
}

struct NewToken {
    let id: String
    /// What a program shows.
    let secret: String
}

/// Users in a store nobody uses, or behind a daemon.
protocol UserBook {
    func add(user name: String, password: String?, roles: [RoleText]) async throws
    func set(password: String, of name: String) async throws
    func set(isDisabled: Bool, of name: String) async throws
    func set(roles: [RoleText], of name: String) async throws
    func users() async throws -> [ListedUser]
    /// - Parameter name: `nil` for whoever asks.
    func addToken(of name: String?, scopes: [String], expiresNanoseconds: UInt64?) async throws -> NewToken
    func tokens(of name: String?) async throws -> [ListedToken]
    func revokeToken(_ id: String) async throws
    /// Gives back what was opened.
    func close() async throws
}
