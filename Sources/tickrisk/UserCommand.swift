// SPDX-License-Identifier: Apache-2.0
// `tickrisk user`: users, roles and tokens, in the store of a stopped daemon or through a running one.

import ArgumentParser
import Foundation
import RiskFiles

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Makes and changes users, their roles, and tokens of programs.",
        discussion: """
            With --store in the folder of a daemon that is not running; with --url and a token of scope admin through \
            one that is.
            """,
        subcommands: [
            Add.self, Password.self, Disable.self, Enable.self, Roles.self, List.self, UserTokenCommand.self,
        ])
}

/// Where the users are.
struct UserTarget: ParsableArguments {
    @Option(help: "Folder of the store of a daemon that is not running, or the URL of its server.")
    var store: String?
    @OptionGroup var server: ServerOptions
    @Option(help: "A running daemon, as in http://127.0.0.1:8080.")
    var url: String?
    @OptionGroup var credential: DaemonCredential

    func validate() throws {
        guard (self.store == nil) != (self.url == nil) else { throw ValidationError("--store or --url, one of them") }
    }

    func with<Answer>(_ work: (any UserBook) async throws -> Answer) async throws -> Answer {
        let book = try self.open()
        let answer: Answer
        do { answer = try await work(book) } catch {
            try? await book.close()
            throw error
        }
        try await book.close()
        return answer
    }

    private func open() throws -> any UserBook {
        if let store { return try StoredUsers(StoreLocation(text: store, server: self.server)) }
        guard let authorization = try self.credential.authorization() else {
            throw Failure("--url needs a token: --token-file, or TICKRISK_TOKEN")
        }
        return ServedUsers(address: try StreamAddress(url: self.url ?? ""), authorization: authorization)
    }
}

/// A password from standard input, or one made up and printed.
struct NewPasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from the first line of standard input, instead of making one up.")
    var passwordStdin = false

    /// - Returns: and whether whoever calls has yet to be told.
    func password() throws -> (text: String, isNew: Bool) {
        guard self.passwordStdin else { return (Self.madeUp(), true) }
        guard let line = readLine(), !line.isEmpty else { throw Failure("standard input has no password") }
        return (line, false)
    }

    /// 120 bits of the system's random numbers, in letters that are not taken for others.
    private static func madeUp() -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var random = SystemRandomNumberGenerator()
        return String((0..<24).map { _ in letters[Int(random.next(upperBound: UInt64(letters.count)))] })
    }
}

extension UserCommand {
    static func roles(_ texts: [String]) throws -> [RoleText] {
        try texts.map { text in
            guard let role = RoleText(text) else {
                let words = RoleText.roles.joined(separator: ", ")
                throw ValidationError("\(text) is no role; write view:ACCOUNT, or one of \(words) for everything")
            }
            return role
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a user.")

        @Argument(help: "The user's name; it stays taken for ever.")
        var name: String
        @Option(help: "view, trade, risk or admin, on one account (view:ALPHA) or on everything; repeatable.")
        var role: [String] = []
        @OptionGroup var password: NewPasswordOptions
        @OptionGroup var target: UserTarget

        func run() async throws {
            let roles = try UserCommand.roles(self.role)
            let password = try self.password.password()
            try await self.target.with { try await $0.add(user: self.name, password: password.text, roles: roles) }
            if password.isNew { print("password: \(password.text)") }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a user another password and ends the user's sessions.")

        @Argument(help: "The user's name.")
        var name: String
        @OptionGroup var password: NewPasswordOptions
        @OptionGroup var target: UserTarget

        func run() async throws {
            let password = try self.password.password()
            try await self.target.with { try await $0.set(password: password.text, of: self.name) }
            if password.isNew { print("password: \(password.text)") }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps a user out: no session, no token, no new sign-in.")

        @Argument(help: "The user's name.")
        var name: String
        @OptionGroup var target: UserTarget

        func run() async throws { try await self.target.with { try await $0.set(isDisabled: true, of: self.name) } }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a disabled user in again.")

        @Argument(help: "The user's name.")
        var name: String
        @OptionGroup var target: UserTarget

        func run() async throws { try await self.target.with { try await $0.set(isDisabled: false, of: self.name) } }
    }

    struct Roles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Replaces all roles of a user.")

        @Argument(help: "The user's name.")
        var name: String
        @Argument(help: "view, trade, risk or admin, on one account (view:ALPHA) or on everything; none for no role.")
        var roles: [String] = []
        @OptionGroup var target: UserTarget

        func run() async throws {
            let roles = try UserCommand.roles(self.roles)
            try await self.target.with { try await $0.set(roles: roles, of: self.name) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all users with their roles.")

        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var target: UserTarget

        func run() async throws {
            let users = try await self.target.with { try await $0.users() }
            if self.json { return try print(UserList.json(users)) }
            for user in users {
                let state = user.isDisabled ? "disabled" : user.hasPassword ? "enabled" : "tokens only"
                print("\(user.name)\t\(state)\t\(user.roles.map(\.text).joined(separator: " "))")
            }
        }
    }
}

/// Users for programs.
enum UserList {
    private struct Entry: Encodable {
        let name: String
        let disabled: Bool
        let roles: [String]
    }

    static func json(_ users: [ListedUser]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let entries = users.map { Entry(name: $0.name, disabled: $0.isDisabled, roles: $0.roles.map(\.text)) }
        return String(decoding: try encoder.encode(entries), as: UTF8.self)
    }
}
