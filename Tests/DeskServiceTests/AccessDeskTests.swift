// SPDX-License-Identifier: Apache-2.0
// The access desk on a real store: what it answers, what it writes down, and whom it tells.

import DeskService
import Foundation
import Logging
import RiskDomain
import RiskStore
import Synchronization
import Testing

@Suite(.serialized) struct AccessDeskTests {
    private static let admin = Identity.local

    /// Runs a desk on a store of its own.
    private static func with(
        _ work: (AccessDesk, SQLiteStore) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("access-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try SQLiteStore(directory: directory)
        try await store.importBook(
            accounts: [Account(id: "A", name: "A", currency: "USD", cash: 0, marginLimit: nil)], positions: [],
            day: CalendarDay(daysSince1970: 1), user: "test", timeNanoseconds: 1)
        let desk = try await self.desk(on: store)
        let running = Task { try await desk.run() }
        try await work(desk, store)
        running.cancel()
        try await store.close()
    }

    private static func desk(on store: SQLiteStore) async throws -> AccessDesk {
        try await AccessDesk(
            isRequired: true, settings: AccessSettings(rotationNanoseconds: 0), accounts: ["A"], store: store,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func whoSignsInIsKnownUntilSignedOutAlsoAfterARestart() async throws {
        try await Self.with { desk, store in
            try await desk.add(
                user: "ann", password: "correct horse", roles: [RoleGrant(account: "A", role: .view)], by: Self.admin)
            let signIn = try await desk.signIn(user: "ann", password: "correct horse", from: "test")
            #expect(desk.identity(session: signIn.token.text)?.may(.view, account: "A") == true)
            #expect(desk.identity(session: signIn.token.text)?.may(.trade, account: "A") == false)
            #expect(desk.identity(bearer: signIn.token.text) == nil)
            let again = try await Self.desk(on: store)
            #expect(again.identity(session: signIn.token.text)?.user == "ann")
            #expect(try await desk.signOut(signIn.identity))
            #expect(desk.identity(session: signIn.token.text) == nil)
            #expect(try await Self.desk(on: store).identity(session: signIn.token.text) == nil)
            let audit = try await store.audit(RecordFilter(), page: PageRequest()).items.map(\.what)
            #expect(audit == ["session.end", "session.begin", "user.roles", "user.add", "book.import"])
        }
    }

    @Test func unknownWrongAndDisabledAreOneRefusal() async throws {
        try await Self.with { desk, _ in
            try await desk.add(user: "ann", password: "correct horse", roles: [], by: Self.admin)
            try await desk.add(user: "bob", password: "correct horse", roles: [], by: Self.admin)
            try await desk.set(isDisabled: true, of: "bob", by: Self.admin)
            for (user, password) in [
                ("ann", "wrong"), ("nobody", "correct horse"), ("bob", "correct horse"), ("", ""), ("a b", "c"),
            ] {
                await #expect(throws: AccessRefusal.wrongCredentials) {
                    try await desk.signIn(user: user, password: password, from: "test")
                }
            }
            for _ in 0..<5 {
                await #expect(throws: AccessRefusal.wrongCredentials) {
                    try await desk.signIn(user: "ann", password: "wrong", from: "test")
                }
            }
            do {
                _ = try await desk.signIn(user: "ann", password: "correct horse", from: "test")
                Issue.record("signed in after ten failures from there")
            } catch AccessRefusal.tooManyAttempts(let seconds) {
                #expect((290...300).contains(seconds))
            }
        }
    }

    @Test func streamsAreToldOfWhatTheyLose() async throws {
        try await Self.with { desk, _ in
            let roles = [RoleGrant(account: "A", role: .view)]
            try await desk.add(user: "ann", password: "correct horse", roles: roles, by: Self.admin)
            let signIn = try await desk.signIn(user: "ann", password: "correct horse", from: "test")
            let told = Atomic(0)
            let number = desk.streamOpened(signIn.identity) { told.add(1, ordering: .relaxed) }
            try await desk.set(roles: [], of: "ann", by: Self.admin)
            #expect(told.load(ordering: .relaxed) == 1)
            #expect(desk.current(signIn.identity)?.may(.view, account: "A") == false)
            try await desk.set(password: "another horse", of: "ann", by: Self.admin)
            #expect(told.load(ordering: .relaxed) == 2 && desk.current(signIn.identity) == nil)
            desk.streamClosed(number)
            try await desk.set(roles: roles, of: "ann", by: Self.admin)
            #expect(told.load(ordering: .relaxed) == 2)
        }
    }

    @Test func anAgedTokenIsReplacedOnce() async throws {
        try await Self.with { desk, store in
            try await desk.add(user: "ann", password: "correct horse", roles: [], by: Self.admin)
            let signIn = try await desk.signIn(user: "ann", password: "correct horse", from: "test")
            let renewed = try #require(await desk.rotated(session: signIn.token.text))
            #expect(await desk.rotated(session: signIn.token.text) == nil)
            #expect(desk.identity(session: renewed.token.text)?.credential == signIn.identity.credential)
            #expect(desk.identity(session: signIn.token.text) != nil)
            _ = try await desk.signOut(signIn.identity)
            #expect(desk.identity(session: renewed.token.text) == nil)
            #expect(try await store.snapshot(ordersSinceNanoseconds: 0).sessions.isEmpty)
        }
    }

    @Test func tokensNeverOutdoWhatTheyAreMadeWith() async throws {
        try await Self.with { desk, _ in
            try await desk.add(
                user: "ann", password: nil, roles: [RoleGrant(account: nil, role: .admin)], by: Self.admin)
            try await desk.add(user: "bob", password: "correct horse", roles: [], by: Self.admin)
            let bob = try await desk.signIn(user: "bob", password: "correct horse", from: "test").identity
            let (token, secret) = try await desk.addToken(
                scopes: [.trade], expiresNanoseconds: UInt64(Int64.max), for: bob)
            let program = try #require(desk.identity(bearer: secret.text))
            #expect(desk.identity(session: secret.text) == nil)
            await #expect(throws: AccessRefusal.beyondOwnScopes) {
                try await desk.addToken(scopes: [.risk], expiresNanoseconds: 1, for: program)
            }
            await #expect(throws: AccessRefusal.beyondOwnScopes) {
                try await desk.addToken(scopes: [.trade], expiresNanoseconds: nil, for: program)
            }
            _ = try await desk.addToken(scopes: [.read], expiresNanoseconds: UInt64(Int64.max), for: program)
            #expect(desk.tokens(of: bob).count == 2)
            await #expect(throws: AccessRefusal.unknownToken(token.id)) {
                try await desk.revokeToken(token.id, of: Self.admin)
            }
            try await desk.revokeToken(token.id, of: bob)
            #expect(desk.identity(bearer: secret.text) == nil)
        }
    }

    @Test func somebodyAlwaysMayChangeUsers() async throws {
        try await Self.with { desk, store in
            let password = try #require(try await FirstUser.make(in: store, timeNanoseconds: 5))
            #expect(try await FirstUser.make(in: store, timeNanoseconds: 6) == nil)
            let desk2 = try await Self.desk(on: store)
            let running = Task { try await desk2.run() }
            defer { running.cancel() }
            let admin = try await desk2.signIn(user: FirstUser.name, password: password, from: "test").identity
            #expect(admin.may(.admin, account: nil))
            await #expect(throws: AccessRefusal.lastAdministrator) {
                try await desk2.set(isDisabled: true, of: FirstUser.name, by: admin)
            }
            await #expect(throws: AccessRefusal.lastAdministrator) {
                try await desk2.set(roles: [], of: FirstUser.name, by: admin)
            }
            await #expect(throws: AccessRefusal.unknownAccounts([1: "X"])) {
                try await desk2.add(
                    user: "ann", password: nil,
                    roles: [RoleGrant(account: "A", role: .view), RoleGrant(account: "X", role: .view)], by: admin)
            }
            try await desk2.add(
                user: "ann", password: nil, roles: [RoleGrant(account: nil, role: .admin)], by: admin)
            await #expect(throws: AccessRefusal.nameTaken("ann")) {
                try await desk2.add(user: "ann", password: nil, roles: [], by: admin)
            }
            try await desk2.set(isDisabled: true, of: FirstUser.name, by: admin)
            #expect(desk2.current(admin) == nil)
            _ = desk
        }
    }
}
