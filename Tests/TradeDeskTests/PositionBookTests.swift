// SPDX-License-Identifier: Apache-2.0
// Positions from fills: by hand, and against a recomputation from everything that ever came.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing
import TradeDesk

@Suite struct PositionBookTests {
    static let instruments = ["AAPL", "ESZ5", "SAP"].enumerated().map { index, symbol in
        Instrument(
            id: UInt32(index), symbol: symbol, name: symbol, sector: "Any", currency: "USD",
            multiplier: index == 1 ? 50 : 1)
    }
    static let accounts = ["ALPHA", "BETA"].map {
        Account(id: $0, name: $0, currency: "USD", cash: 1_000, marginLimit: nil)
    }

    static func fill(
        _ id: String, _ quantity: Double, at price: Double, symbol: String = "AAPL", account: String = "ALPHA",
        rate: Double = 1, fees: Double = 0
    ) -> Fill {
        Fill(
            id: id, orderID: 1, account: account, symbol: symbol, quantity: quantity, price: price, rate: rate,
            fees: fees, timeNanoseconds: 1)
    }

    static func book(_ events: [PositionEvent]) -> PositionBook {
        var book = PositionBook(instruments: Self.instruments, accounts: Self.accounts)
        for event in events { #expect(Self.apply(event, to: &book) == .applied, "\(event)") }
        return book
    }

    static func apply(_ event: PositionEvent, to book: inout PositionBook) -> PositionOutcome { book.apply(event) }

    @Test func tenAtOneHundredAndEightyAreWorthWhatTheTickSays() throws {
        let book = Self.book([.fill(Self.fill("a", 10, at: 180, fees: -1))])
        let held = try #require(book.position("ALPHA", "AAPL"))
        #expect(held.cost == AverageCost(quantity: 10, averageCost: 180))
        #expect(book.accounts["ALPHA"]?.cash == 1_000 - 1_800 - 1 && book.accounts["ALPHA"]?.fees == -1)
        let pnl = MarkToMarket.unrealisedPnL(
            quantity: held.cost.quantity, averageCost: held.cost.averageCost, multiplier: 1, price: 195, rate: 1)
        let value = MarkToMarket.marketValue(quantity: held.cost.quantity, multiplier: 1, price: 195, rate: 1)
        #expect(pnl == 150 && value == 1_950)
    }

    @Test func sameFillCountsOnceEvenOnAnotherDay() {
        var book = Self.book([.fill(Self.fill("a", 10, at: 180)), .dayRoll(day: 1, closes: ["AAPL": 190])])
        let before = book
        for event in [
            PositionEvent.fill(Self.fill("a", 10, at: 180)), .dayRoll(day: 1, closes: [:]),
            .dayRoll(day: 0, closes: [:]),
            .cash(
                CashEntry(
                    id: "a", account: "ALPHA", amount: 1, kind: "deposit", reason: "", user: "ann",
                    timeNanoseconds: 0)),
        ] {
            #expect(Self.apply(event, to: &book) == .repeated)
        }
        #expect(book == before)
    }

    @Test func bustOfTodaysFillLeavesNoTraceInThePosition() throws {
        let bad = Self.fill("b", 10, at: 200, fees: -2)
        let book = Self.book([
            .fill(Self.fill("a", 10, at: 100)), .fill(bad), .fill(Self.fill("c", -5, at: 120)),
            .fill(bad.reversal(id: "b-bust", timeNanoseconds: 2)),
        ])
        let clean = Self.book([.fill(Self.fill("a", 10, at: 100)), .fill(Self.fill("c", -5, at: 120))])
        #expect(book.accounts == clean.accounts)
        #expect(book.position("ALPHA", "AAPL")?.cost == AverageCost(quantity: 5, averageCost: 100, realisedPnL: 100))
    }

    @Test func bustOfAnEarlierFillIsATradeOfToday() throws {
        let bad = Self.fill("b", 10, at: 200)
        let book = Self.book([
            .fill(Self.fill("a", 10, at: 100)), .fill(bad), .dayRoll(day: 1, closes: ["AAPL": 150]),
            .fill(bad.reversal(id: "b-bust", timeNanoseconds: 2)),
        ])
        let held = try #require(book.position("ALPHA", "AAPL"))
        #expect(held.cost == AverageCost(quantity: 10, averageCost: 150, realisedPnL: 500))
        #expect(held.overnightQuantity == 20 && held.dayTrades == [DayTrade(quantity: -10, price: 200)])
        #expect(book.accounts["ALPHA"]?.cash == 0)
    }

    @Test func reversalsMustBeExactAndComeOnce() {
        let fill = Self.fill("a", 10, at: 100, fees: -1)
        var book = Self.book([.fill(fill)])
        var unequal = fill.reversal(id: "r", timeNanoseconds: 2)
        unequal.quantity = -9
        #expect(Self.apply(.fill(unequal), to: &book) == .refused(.unequalReversal(id: "r")))
        var foreign = fill.reversal(id: "r", timeNanoseconds: 2)
        foreign.reverses = "z"
        #expect(Self.apply(.fill(foreign), to: &book) == .refused(.nothingToReverse(id: "z")))
        #expect(Self.apply(.fill(fill.reversal(id: "r", timeNanoseconds: 2)), to: &book) == .applied)
        #expect(Self.apply(.fill(fill.reversal(id: "r", timeNanoseconds: 2)), to: &book) == .repeated)
        #expect(
            Self.apply(.fill(fill.reversal(id: "s", timeNanoseconds: 2)), to: &book)
                == .refused(.alreadyReversed(id: "a")))
        #expect(book.accounts["ALPHA"]?.cash == 1_000 && book.accounts["ALPHA"]?.fees == 0)
    }

    @Test func unfitEntriesAreRefusedAndChangeNothing() {
        var book = Self.book([])
        let before = book
        #expect(
            Self.apply(.fill(Self.fill("a", 1, at: 1, account: "NONE")), to: &book) == .refused(.unknownAccount("NONE"))
        )
        #expect(
            Self.apply(.fill(Self.fill("a", 1, at: 1, symbol: "NONE")), to: &book) == .refused(.unknownSymbol("NONE")))
        for fill in [
            Self.fill("a", 0, at: 1), Self.fill("a", .nan, at: 1), Self.fill("a", 1, at: .infinity),
            Self.fill("a", 1, at: 1, rate: 0), Self.fill("a", 1, at: 1, fees: .nan),
        ] {
            #expect(Self.apply(.fill(fill), to: &book) == .refused(.unfitNumber(id: "a")))
        }
        let entry = CashEntry(
            id: "a", account: "ALPHA", amount: .nan, kind: "deposit", reason: "", user: "ann", timeNanoseconds: 0)
        #expect(Self.apply(.cash(entry), to: &book) == .refused(.unfitNumber(id: "a")))
        #expect(book == before)
    }

    @Test func closedPositionStaysUntilTheRollAndItsProfitForEver() {
        var book = Self.book([.fill(Self.fill("a", 10, at: 100)), .fill(Self.fill("b", -10, at: 130))])
        #expect(book.position("ALPHA", "AAPL")?.cost.quantity == 0)
        #expect(book.accounts["ALPHA"]?.realisedPnL == 300)
        #expect(Self.apply(.dayRoll(day: 1, closes: ["AAPL": 120]), to: &book) == .applied)
        #expect(book.position("ALPHA", "AAPL") == nil && book.accounts["ALPHA"]?.realisedPnL == 300)
        #expect(Self.apply(.fill(Self.fill("c", 5, at: 125)), to: &book) == .applied)
        #expect(book.position("ALPHA", "AAPL")?.priorClose == 120)
        #expect(book.position("ALPHA", "AAPL")?.overnightQuantity == 0)
    }

    /// What the book must be, from a list of all events alone: each day's fills that stand, folded in order.
    static func recomputed(_ events: [PositionEvent], account: String) -> (
        cash: Double, fees: Double, realised: Double, quantity: [String: Double], overnight: [String: Double]
    ) {
        var (cash, fees, realised) = (1_000.0, 0.0, 0.0)
        var costs: [String: AverageCost] = [:]
        var overnight: [String: Double] = [:]
        let days = events.split(omittingEmptySubsequences: false) { if case .dayRoll = $0 { true } else { false } }
        for (index, day) in days.enumerated() {
            if index > 0 {
                overnight = costs.mapValues(\.quantity)
                for (symbol, cost) in costs where cost.quantity == 0 {
                    realised += cost.realisedPnL
                    costs[symbol] = nil
                }
            }
            let fills = day.compactMap { if case .fill(let fill) = $0, fill.account == account { fill } else { nil } }
            let ofToday = Set(fills.map(\.id))
            let undone = Set(fills.compactMap(\.reverses).filter { ofToday.contains($0) })
            for fill in fills {
                let multiplier = fill.symbol == "ESZ5" ? 50.0 : 1
                cash += -fill.quantity * fill.price * multiplier * fill.rate + fill.fees
                fees += fill.fees
                if undone.contains(fill.id) || fill.reverses.map({ undone.contains($0) }) ?? false { continue }
                _ = costs[fill.symbol, default: AverageCost()].fill(
                    fill.quantity, at: fill.price, multiplier: multiplier, rate: fill.rate)
            }
        }
        realised = costs.sorted { $0.key < $1.key }.reduce(realised) { $0 + $1.value.realisedPnL }
        return (cash, fees, realised, costs.mapValues(\.quantity).filter { $0.value != 0 }, overnight)
    }

    @Test(arguments: UInt64(1)...60)
    func bookEqualsARecomputationFromAllFills(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var events: [PositionEvent] = []
        var standing: [Fill] = []
        var book = PositionBook(instruments: Self.instruments, accounts: Self.accounts)
        for step in 0..<200 {
            let event: PositionEvent
            switch random.nextIndex(below: 12) {
            case 0: event = .dayRoll(day: step, closes: ["AAPL": 100])
            case 1...2 where !standing.isEmpty:
                let fill = standing.remove(at: random.nextIndex(below: standing.count))
                event = .fill(fill.reversal(id: "r\(step)", timeNanoseconds: 1))
            default:
                let fill = Self.fill(
                    "f\(step)", Double(1 + random.nextIndex(below: 20)) * (random.nextIndex(below: 2) == 0 ? 1 : -1),
                    at: 90 + Double(random.nextIndex(below: 21)),
                    symbol: ["AAPL", "ESZ5", "SAP"][random.nextIndex(below: 3)],
                    account: ["ALPHA", "BETA"][random.nextIndex(below: 2)],
                    rate: random.nextIndex(below: 2) == 0 ? 1 : 1.25,
                    fees: -Double(random.nextIndex(below: 3)))
                standing.append(fill)
                event = .fill(fill)
            }
            events.append(event)
            #expect(Self.apply(event, to: &book) == .applied, "seed \(seed) step \(step)")
            // What comes again changes nothing.
            let again = Self.apply(events[random.nextIndex(below: events.count)], to: &book)
            #expect(again == .repeated, "seed \(seed) step \(step)")
        }
        for account in ["ALPHA", "BETA"] {
            let expected = Self.recomputed(events, account: account)
            let held = try #require(book.accounts[account])
            #expect((held.cash - expected.cash).magnitude < 1e-6, "seed \(seed)")
            #expect(held.fees == expected.fees, "seed \(seed)")
            #expect((held.realisedPnL - expected.realised).magnitude < 1e-6, "seed \(seed)")
            let quantities = held.positions.mapValues(\.cost.quantity).filter { $0.value != 0 }
            #expect(quantities == expected.quantity, "seed \(seed)")
            for (symbol, position) in held.positions {
                #expect(position.overnightQuantity == expected.overnight[symbol] ?? 0, "seed \(seed) \(symbol)")
                let traded = position.dayTrades.reduce(position.overnightQuantity) { $0 + $1.quantity }
                #expect(traded == position.cost.quantity, "seed \(seed) \(symbol)")
            }
        }
    }
}
