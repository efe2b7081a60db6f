// SPDX-License-Identifier: Apache-2.0
// Rules of users, sessions and tokens, against clocks of the test's own.

import DeskService
import RiskStore
import Testing

@Suite struct AccessBookTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 1_000_000 * Self.second
    private static let settings = AccessSettings(
        lifetimeNanoseconds: 1_000 * Self.second, idleNanoseconds: 100 * Self.second,
        rotationNanoseconds: 60 * Self.second, overlapNanoseconds: 10 * Self.second)

    /// A book to be asked inside of expectations, which want no mutation.
    private final class Rig {
        var book: AccessBook

        init(_ book: AccessBook) { self.book = book }

        func session(_ hash: String, at now: UInt64) -> Identity? {
            self.book.identity(sessionHash: hash, nowNanoseconds: now)
        }

        func bearer(_ hash: String, at now: UInt64) -> Identity? {
            self.book.identity(bearerHash: hash, nowNanoseconds: now)
        }
    }

    private static func rig(
        grants: [AccountGrant] = [AccountGrant(user: "ann", account: "A", role: .trade)]
    ) -> Rig {
        var snapshot = DeskSnapshot()
        snapshot.users = [UserRecord(name: "ann", passwordHash: nil, createdNanoseconds: 1)]
        snapshot.grants = grants
        return Rig(AccessBook(snapshot, settings: self.settings, nowNanoseconds: self.start))
    }

    private static func open(_ rig: Rig, _ hash: String, at now: UInt64 = start) {
        let (record, _) = rig.book.opening(hash, of: "ann", nowNanoseconds: now)
        rig.book.apply(.session(record), nowNanoseconds: now)
    }

    // MARK: Roles

    @Test func rolesImplyWhatTheySayAndNothingElse() {
        func may(_ grants: [(String?, AccountRole)]) -> String {
            let rights = AccessRights(grants.map { AccountGrant(user: "u", account: $0.0, role: $0.1) })
            return [("A", "A"), ("B", "B"), (nil, "-")].map { account, name in
                name
                    + AccountRole.allCases.filter { rights.include($0, account: account) }
                    .map { String($0.rawValue.prefix(1)) }.joined()
            }.joined(separator: " ")
        }
        #expect(may([]) == "A B -")
        #expect(may([("A", .view)]) == "Av B -")
        #expect(may([("A", .trade)]) == "Avt B -")
        #expect(may([("A", .risk), ("B", .view)]) == "Avr Bv -")
        #expect(may([("A", .admin)]) == "Avtra B -")
        #expect(may([(nil, .view)]) == "Av Bv -v")
        #expect(may([(nil, .view), ("B", .trade)]) == "Av Bvt -v")
        #expect(may([(nil, .admin)]) == "Avtra Bvtra -vtra")
    }

    @Test func scopesBoundTheRolesOfTheirUser() throws {
        let rig = Self.rig(grants: [
            AccountGrant(user: "ann", account: "A", role: .admin), AccountGrant(user: "ann", account: "B", role: .view),
        ])
        func roles(_ scopes: Set<TokenScope>) throws -> [String] {
            rig.book.apply(
                .token(
                    AccessToken(
                        id: "t", tokenHash: "h", user: "ann", scopes: scopes, createdNanoseconds: 1,
                        expiresNanoseconds: nil)), nowNanoseconds: Self.start)
            let identity = try #require(rig.bearer("h", at: Self.start))
            return ["A", "B", nil].map { identity.roles(account: $0).map(\.rawValue).joined(separator: " ") }
        }
        #expect(try roles([.read]) == ["view", "view", ""])
        #expect(try roles([.trade]) == ["view trade", "view", ""])
        #expect(try roles([.trade, .risk]) == ["view trade risk", "view", ""])
        #expect(try roles([.admin]) == ["view trade risk admin", "view", ""])
        #expect(try roles([]) == ["", "", ""])
    }

    // MARK: Sessions

    @Test func aSessionEndsByItsAgeHoweverMuchItIsUsed() {
        let rig = Self.rig()
        Self.open(rig, "one")
        for age in stride(from: UInt64(0), to: 1_000, by: 50) {
            #expect(rig.session("one", at: Self.start + age * Self.second)?.user == "ann")
        }
        let end = Self.start + 1_000 * Self.second
        #expect(rig.session("one", at: end - 1) != nil)
        #expect(rig.session("one", at: end) == nil)
        #expect(rig.book.overdue(nowNanoseconds: end) == ["one"])
    }

    @Test func aSessionNobodyUsesEndsUnlessAStreamIsOpen() throws {
        let rig = Self.rig()
        Self.open(rig, "one")
        let idle = Self.start + 100 * Self.second
        #expect(rig.session("two", at: Self.start) == nil)
        let identity = try #require(rig.session("one", at: Self.start))
        rig.book.countStream(identity.credential, by: 1, nowNanoseconds: Self.start)
        #expect(rig.book.overdue(nowNanoseconds: idle).isEmpty)
        rig.book.countStream(identity.credential, by: -1, nowNanoseconds: Self.start + 50 * Self.second)
        #expect(rig.book.overdue(nowNanoseconds: idle).isEmpty)
        #expect(rig.book.overdue(nowNanoseconds: idle + 50 * Self.second) == ["one"])
        #expect(rig.session("one", at: idle + 50 * Self.second) == nil)
    }

    @Test func aSessionThatAGatewayAsksForIsInUse() throws {
        let rig = Self.rig()
        Self.open(rig, "one")
        let credential = try #require(rig.session("one", at: Self.start)).credential
        for seconds in stride(from: UInt64(90), through: 900, by: 90) {
            let now = Self.start + seconds * Self.second
            #expect(rig.book.used(credential, nowNanoseconds: now)?.user == "ann")
        }
        #expect(rig.session("one", at: Self.start + 950 * Self.second) != nil)
        #expect(rig.book.used(.session("two"), nowNanoseconds: Self.start) == nil)
    }

    @Test func aNewTokenTakesOverAndTheOldOneIsGoodForAWhile() throws {
        let rig = Self.rig()
        Self.open(rig, "one")
        let early = Self.start + 59 * Self.second
        #expect(!rig.book.isRotationDue("one", nowNanoseconds: early))
        #expect(rig.book.rotation(from: "one", to: "two", nowNanoseconds: early) == nil)
        let due = Self.start + 60 * Self.second
        let before = try #require(rig.session("one", at: due))
        let rotation = try #require(rig.book.rotation(from: "one", to: "two", nowNanoseconds: due))
        rig.book.apply(rotation: rotation)
        let after = try #require(rig.session("two", at: due))
        #expect(after.credential == before.credential && after.expiresNanoseconds == before.expiresNanoseconds)
        #expect(rig.session("one", at: due + 10 * Self.second - 1) != nil)
        #expect(rig.session("one", at: due + 10 * Self.second) == nil)
        #expect(!rig.book.isRotationDue("one", nowNanoseconds: due + Self.second))
        #expect(rig.book.overdue(nowNanoseconds: due + 10 * Self.second) == ["one"])
        // Signing out ends both.
        #expect(rig.book.hashes(ofUser: "ann") == ["one", "two"])
        for hash in rig.book.hashes(ofUser: "ann") {
            rig.book.apply(.sessionEnded(tokenHash: hash), nowNanoseconds: due)
        }
        #expect(rig.book.identity(of: before.credential, nowNanoseconds: due) == nil)
    }

    @Test func disabledUsersAreNobodyAtOnce() throws {
        let rig = Self.rig()
        Self.open(rig, "one")
        rig.book.apply(
            .token(
                AccessToken(
                    id: "t", tokenHash: "h", user: "ann", scopes: [.read], createdNanoseconds: 1,
                    expiresNanoseconds: Self.start + Self.second)), nowNanoseconds: Self.start)
        #expect(rig.bearer("h", at: Self.start) != nil)
        #expect(rig.bearer("h", at: Self.start + Self.second) == nil)
        var user = try #require(rig.book.users["ann"])
        user.isDisabled = true
        rig.book.apply(.user(user), nowNanoseconds: Self.start)
        #expect(rig.session("one", at: Self.start) == nil)
        #expect(rig.bearer("h", at: Self.start) == nil)
    }

    @Test func theOldestSessionsEndWhenAUserHasTooMany() {
        let rig = Self.rig()
        for number in 0..<AccessBook.sessionsPerUserMax {
            Self.open(rig, "session \(number)", at: Self.start + UInt64(number))
        }
        _ = rig.book.identity(sessionHash: "session 0", nowNanoseconds: Self.start + Self.second)
        #expect(rig.book.opening("next", of: "ann", nowNanoseconds: Self.start + Self.second).ended == ["session 1"])
    }
}

@Suite struct SignInLimitTests {
    private static let window = SignInLimit.windowNanoseconds

    @Test func theEleventhFailureOfANameOrAnAddressWaits() {
        var limit = SignInLimit()
        for number in 0..<10 {
            let keys: [SignInLimit.Key] = [.user("ann"), .address("\(number)")]
            #expect(limit.begin(keys, nowNanoseconds: 1_000 + UInt64(number)) == nil)
        }
        #expect(limit.begin([.user("ann"), .address("x")], nowNanoseconds: 2_000) == 300)
        #expect(limit.begin([.user("bob"), .address("x")], nowNanoseconds: 2_000) == nil)
        #expect(limit.begin([.user("ann"), .address("x")], nowNanoseconds: 999 + Self.window) == 1)
        // The oldest has left, and one takes its place.
        #expect(limit.begin([.user("ann"), .address("x")], nowNanoseconds: 1_000 + Self.window) == nil)
        #expect(limit.begin([.user("ann"), .address("x")], nowNanoseconds: 1_000 + Self.window) == 1)
        for number in 0..<9 {
            #expect(limit.begin([.user("u\(number)"), .address("7")], nowNanoseconds: 5_000) == nil)
        }
        #expect(limit.begin([.user("new"), .address("7")], nowNanoseconds: 5_000) == 300)
    }

    @Test func whatSucceedsDoesNotCount() {
        var limit = SignInLimit()
        for time in 0..<100 as Range<UInt64> {
            #expect(limit.begin([.user("ann"), .address("a")], nowNanoseconds: time) == nil)
            limit.succeeded([.user("ann"), .address("a")], begunNanoseconds: time)
        }
        // Another's failures stay when one succeeds.
        for time in 0..<10 as Range<UInt64> { _ = limit.begin([.user("bob"), .address("a")], nowNanoseconds: time) }
        limit.succeeded([.user("ann"), .address("a")], begunNanoseconds: 500)
        #expect(limit.begin([.user("ann"), .address("a")], nowNanoseconds: 600) == 300)
    }

    @Test func memoryIsBounded() {
        var limit = SignInLimit()
        for number in 0..<SignInLimit.keysMax + 50 {
            #expect(limit.begin([.user("u\(number)")], nowNanoseconds: UInt64(number)) == nil)
        }
        #expect(limit.keyCount == SignInLimit.keysMax)
    }
}
