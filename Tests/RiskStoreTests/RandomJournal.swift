// SPDX-License-Identifier: Apache-2.0
// Seeded journal entries, from so few names that they collide, and some of them wrong.

import RiskDomain
import RiskSimulation
import RiskStore

struct RandomJournal {
    private var random: SplitMix64
    private var clock: UInt64 = 1_700_000_000_000_000_000

    init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

    static let accounts = ["ALPHA", "BETA", "GAMMA"]

    static func book(_ kind: OpeningBook.Kind = .imported) -> OpeningBook {
        OpeningBook(
            kind: kind, day: CalendarDay(daysSince1970: 20_000),
            accounts: self.accounts.map {
                Account(id: $0, name: "Account \($0)", currency: "USD", cash: 1e6, marginLimit: nil, group: "Desk")
            },
            positions: [
                Position(account: "ALPHA", symbol: "AAPL", quantity: 10, averageCost: 180, strategy: "long"),
                Position(account: "BETA", symbol: "MSFT", quantity: -5, averageCost: 400.25),
            ],
            carried: [
                CarriedTotal(account: "ALPHA", realised: 12.5, fees: -3),
                CarriedTotal(account: "BETA", symbol: "MSFT", realised: -0.25),
            ], timeNanoseconds: 1)
    }

    mutating func index(_ bound: Int) -> Int { self.random.nextIndex(below: bound) }

    mutating func batch() -> [JournalEntry] { (0..<(1 + self.index(4))).map { _ in self.entry() } }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.index(elements.count)] }

    private mutating func account() -> String { self.index(20) == 0 ? "NOBODY" : self.pick(Self.accounts) }

    private mutating func user() -> String { self.index(12) == 0 ? "stranger" : "user\(self.index(3))" }

    private mutating func number() -> Double { Double(self.index(2_001) - 1_000) / 8 * (self.index(9) == 0 ? 0 : -1) }

    private mutating func time() -> UInt64 {
        self.clock += UInt64(self.index(1_000_000))
        return self.clock
    }

    private mutating func entry() -> JournalEntry {
        switch self.index(20) {
        case 0...4: return .order(self.order())
        case 5...7: return .fill(self.fill())
        case 8:
            return .cash(
                CashEntry(
                    id: "c\(self.index(30))", account: self.account(), amount: Double(self.index(2)), kind: "deposit",
                    reason: "täglich", user: "ops", timeNanoseconds: 5))
        case 9:
            return .adjustment(
                PositionAdjustment(
                    id: "a\(self.index(30))", account: self.account(), symbol: "AAPL", quantity: 1, cost: 2,
                    reason: "split", user: "ops", timeNanoseconds: UInt64(self.index(2))))
        case 10:
            return self.index(6) == 0 ? .book(Self.book(self.pick(OpeningBook.Kind.allCases))) : .audit(self.audit())
        case 11: return .audit(self.audit())
        case 12...13: return self.control()
        case 14...16: return self.access()
        case 17: return self.view()
        default: return self.history()
        }
    }

    private mutating func order() -> Order {
        let id = UInt64(1 + self.index(60))
        // What identifies an order follows from its identifier, mostly.
        var own = SplitMix64(seed: self.index(15) == 0 ? id + 1 : id)
        let request = OrderRequest(
            account: self.index(25) == 0 ? "NOBODY" : Self.accounts[own.nextIndex(below: 3)],
            clientOrderID: own.nextIndex(below: 3) == 0 ? nil : "client-\(own.nextIndex(below: 40))",
            symbol: "AAPL", side: own.nextIndex(below: 2) == 0 ? .buy : .sell, quantity: Double(1 + self.index(3)),
            type: self.pick(OrderType.allCases), limitPrice: self.index(2) == 0 ? nil : 180.5,
            timeInForce: self.pick(TimeInForce.allCases))
        return Order(
            id: id, request: request, user: "trader", status: self.pick(OrderStatus.allCases),
            filledQuantity: Double(self.index(2)), averageFillPrice: self.index(2) == 0 ? nil : 181.125,
            reason: self.index(3) == 0 ? "limit" : nil, createdNanoseconds: id, updatedNanoseconds: id + 1)
    }

    private mutating func fill() -> Fill {
        Fill(
            id: "f\(self.index(80))", orderID: self.index(2) == 0 ? nil : UInt64(1 + self.index(60)),
            account: self.account(), symbol: self.pick(["AAPL", "MSFT"]), quantity: self.number(),
            price: self.index(30) == 0 ? .nan : 180 + self.number(), rate: 1, fees: self.pick([-0.0, -1.25]),
            timeNanoseconds: self.time(), reverses: self.index(10) == 0 ? "f\(self.index(80))" : nil)
    }

    private mutating func audit() -> AuditEntry {
        AuditEntry(
            timeNanoseconds: self.time(), who: self.user(), what: "limit.set",
            account: self.pick([nil, "ALPHA", "BETA"]), subject: self.index(15) == 0 ? "a\0b" : "gross",
            before: self.pick([nil, "1"]), after: "2", why: self.pick([nil, "because “so”\n"]))
    }

    private mutating func control() -> JournalEntry {
        switch self.index(4) {
        case 0: return .limitRemoved(id: "l\(self.index(4))")
        case 1:
            return .limit(
                LimitRecord(
                    id: "l\(self.index(4))", scope: "firm", metric: "gross", soft: nil, hard: self.number(),
                    action: "halt", user: self.user(), timeNanoseconds: self.time()))
        case 2:
            return .killSwitch(
                KillSwitch(
                    account: self.index(3) == 0 ? nil : self.account(), state: self.pick(KillSwitch.State.allCases),
                    reason: "drill", user: self.user(), timeNanoseconds: self.time()))
        default:
            return .alert(
                AlertRecord(
                    id: UInt64(self.index(20)), account: self.index(4) == 0 ? nil : self.account(), rule: "margin",
                    level: "warn", text: "80 %", state: self.pick(AlertRecord.State.allCases),
                    acknowledgedBy: self.pick([nil, "ops"]), raisedNanoseconds: 1, updatedNanoseconds: self.time()))
        }
    }

    private mutating func access() -> JournalEntry {
        let hash = "h\(self.index(6))"
        let grant = AccountGrant(
            user: self.user(), account: self.index(3) == 0 ? nil : self.account(),
            role: self.pick(AccountRole.allCases))
        switch self.index(7) {
        case 0, 1:
            return .user(
                UserRecord(
                    name: "user\(self.index(3))", passwordHash: self.pick([nil, "$argon2id$"]),
                    isDisabled: self.index(2) == 0, createdNanoseconds: self.time()))
        case 2: return .grant(grant)
        case 3: return .grantRemoved(grant)
        case 4:
            return .session(
                SessionRecord(
                    tokenHash: hash, user: self.user(), createdNanoseconds: 1, expiresNanoseconds: self.time()))
        case 5: return self.index(2) == 0 ? .sessionEnded(tokenHash: hash) : .tokenRevoked(id: "t\(self.index(4))")
        default:
            return .token(
                AccessToken(
                    id: "t\(self.index(4))", tokenHash: hash, user: self.user(),
                    scopes: Set(TokenScope.allCases.shuffled(using: &self.random).prefix(2)),
                    createdNanoseconds: 1, expiresNanoseconds: self.pick([nil, 7])))
        }
    }

    /// A watchlist, preferences or the position of a stream.
    private mutating func view() -> JournalEntry {
        let user = self.user()
        if self.index(4) == 0 {
            return .streamPosition(
                StreamPosition(
                    topic: self.pick(["fills", "other"]), partition: Int32(self.index(3)), offset: Int64(self.index(9)))
            )
        }
        if self.index(3) == 0 {
            return .preferences(UserPreferences(user: user, content: #"{"zone":"\#(self.index(9))"}"#))
        }
        let name = self.pick(["main", "tech"])
        guard self.index(4) > 0 else { return .watchlistRemoved(user: user, name: name) }
        return .watchlist(
            Watchlist(user: user, name: name, symbols: (0..<self.index(4)).map { _ in "S\(self.index(12))" }))
    }

    private mutating func history() -> JournalEntry {
        guard self.index(12) > 0 else {
            return .historyTrimmed(self.pick(HistoryResolution.allCases), beforeSeconds: Int64(self.index(200_000)))
        }
        return .history(
            HistoryPoint(
                account: self.pick([nil, "ALPHA", "BETA"]), seconds: Int64(self.index(200_000) - 1_000),
                totalPnL: self.index(3) == 0 ? nil : self.number(), dayPnL: self.number(), valueAtRisk: nil,
                grossExposure: self.number()))
    }
}
