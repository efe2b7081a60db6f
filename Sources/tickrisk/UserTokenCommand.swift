// SPDX-License-Identifier: Apache-2.0
// `tickrisk user token`: what programs show instead of a password.

import ArgumentParser
import RiskFiles
import RiskKernel

struct UserTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes tokens of programs.",
        subcommands: [Add.self, List.self, Revoke.self])

    private static let scopes = ["read", "trade", "risk", "admin"]

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints it, once.",
            discussion: "A token may do what its scopes and its user's roles both allow.")

        @Argument(help: "The user; with --url it is whoever the token given belongs to.")
        var name: String?
        @Option(help: "read, trade, risk or admin; repeatable.")
        var scope: [String]
        @Option(help: "How long it is good, such as 720h; without, until it is revoked.")
        var lifetime: String?
        @OptionGroup var target: UserTarget

        func validate() throws {
            guard !self.scope.isEmpty, self.scope.allSatisfy(UserTokenCommand.scopes.contains) else {
                throw ValidationError("--scope is one of \(UserTokenCommand.scopes.joined(separator: ", "))")
            }
            if let lifetime, DurationText.parse(lifetime) == nil {
                throw ValidationError("--lifetime is a duration such as 720h")
            }
        }

        func run() async throws {
            let expires = self.lifetime.flatMap(DurationText.parse).map { WallClock.nowNanoseconds + $0 }
            let token = try await self.target.with { book in
                try await book.addToken(of: self.name, scopes: self.scope, expiresNanoseconds: expires)
            }
            print("id: \(token.id)\ntoken: \(token.secret)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists tokens, without what programs show.")

        @Argument(help: "Only of this user; with --url it is whoever the token given belongs to.")
        var name: String?
        @OptionGroup var target: UserTarget

        func run() async throws {
            for token in try await self.target.with({ try await $0.tokens(of: self.name) }) {
                let expires = token.expiresNanoseconds.map { "until \($0 / 1_000_000_000) s" } ?? "until revoked"
                print("\(token.id)\t\(token.user)\t\(token.scopes.joined(separator: " "))\t\(expires)")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a token.")

        @Argument(help: "The token's id.")
        var id: String
        @OptionGroup var target: UserTarget

        func run() async throws { try await self.target.with { try await $0.revokeToken(self.id) } }
    }
}
