// SPDX-License-Identifier: Apache-2.0
// The P&L of an unchanging book, by hand.

import RiskDomain
import RiskMath
import RiskReport
import Testing

@Suite struct FixedBookTests {
    private static func share(_ id: UInt32, _ symbol: String, _ currency: String = "USD") -> Instrument {
        Instrument(id: id, symbol: symbol, name: "", sector: "", currency: currency)
    }

    private static func held(_ symbol: String, _ quantity: Double) -> Position {
        Position(account: "BOOK", symbol: symbol, quantity: quantity, averageCost: 1)
    }

    private static func book(
        _ instruments: [Instrument], _ positions: [Position], _ closes: [String: [Double]]
    ) throws -> FixedBook? {
        let history = ClosingHistory(
            dates: BacktestMarket.dates(closes.values.first?.count ?? 0), closes: closes)
        return FixedBook(
            of: "BOOK", inputs: BacktestMarket.inputs(instruments, positions, history, window: 2),
            tier: try BacktestMarket.tier())
    }

    /// 10 at 100 and −20 at 40: +25 % and −20 % of 1,000, −50 % and +100 % of −800.
    @Test func lastMarketValuesAreMovedByThePastReturns() throws {
        let book = try #require(
            try Self.book(
                [Self.share(1, "AAA"), Self.share(2, "BBB")], [Self.held("AAA", 10), Self.held("BBB", -20)],
                ["AAA": [100, 125, 100], "BBB": [40, 20, 40]]))
        #expect(book.pnl == [250 + 400, -200 - 800] && book.grossExposure == 1_800)
        #expect(book.dates == ["2001-01-02", "2001-01-03"] && book.excluded.isEmpty && book.currency == "USD")
    }

    /// 1,000 € at 1.25: the share +10 %, the euro −20 %, together −12 % of 1,250.
    @Test func foreignPositionsMoveWithTheirRateToo() throws {
        let book = try #require(
            try Self.book(
                [
                    Self.share(1, "AAA", "EUR"),
                    Instrument(
                        id: 2, symbol: "EURUSD", name: "", sector: "", currency: "USD",
                        kind: .currencyPair(base: "EUR")),
                ], [Self.held("AAA", 10)], ["AAA": [110, 110, 100], "EURUSD": [1.25, 1.0, 1.25]]))
        let expected = [1.0 * 0.8 - 1, 100.0 / 110 * 1.25 - 1].map { $0 * 1_250 }
        #expect(zip(book.pnl, expected).allSatisfy { ($0 - $1).magnitude < 1e-9 })
    }

    @Test func theBookBeginsWhereEveryCoveredPositionHasReturns() throws {
        let book = try #require(
            try Self.book(
                [Self.share(1, "AAA"), Self.share(2, "BBB"), Self.share(3, "CCC")],
                [Self.held("AAA", 1), Self.held("BBB", 1), Self.held("CCC", 1)],
                ["AAA": [1, 2, 4, 2, 1], "BBB": [.nan, .nan, 8, 8, 8], "CCC": [1, 1, 1, 1, .nan]]))
        #expect(book.dates == ["2001-01-04", "2001-01-05"] && book.pnl == [-0.5, -0.5])
        #expect(book.excluded == ["CCC"])
    }

    @Test func withoutACoveredPositionThereIsNoBook() throws {
        #expect(try Self.book([Self.share(1, "AAA")], [], ["AAA": [1, 2, 3]]) == nil)
        #expect(try Self.book([Self.share(1, "AAA")], [Self.held("AAA", 0)], ["AAA": [1, 2, 3]]) == nil)
        #expect(try Self.book([Self.share(1, "AAA")], [Self.held("AAA", 1)], ["AAA": [1, 2, .nan]]) == nil)
    }

    /// A call on a share: its P&L is what the option model says at each spot, from today's value on.
    @Test func optionsAreRevaluedAtTheirOwnVolatility() throws {
        let terms = OptionTerms(
            right: .call, strike: 100, expiry: try #require(CalendarDay(iso8601: "2002-01-03")), underlying: "AAA",
            volatility: 0.2, rate: 0.03)
        let call = Instrument(id: 2, symbol: "CALL", name: "", sector: "", currency: "USD", kind: .option(terms))
        let book = try #require(
            try Self.book(
                [Self.share(1, "AAA"), call], [Self.held("CALL", 10)], ["AAA": [100, 110, 99]]))
        let cut = UInt64(try #require(CalendarDay(iso8601: "2001-01-03")).startNanoseconds)
        func value(_ spot: Double) -> Double {
            OptionPricing.value(
                terms: terms, model: .blackScholesMerton, spot: spot, volatility: 0.2,
                years: terms.yearsToExpiry(atNanoseconds: cut))
        }
        let expected = [110.0 / 100, 99.0 / 110].map { 10 * (value(99 * $0) - value(99)) }
        #expect(book.pnl.count == 2 && zip(book.pnl, expected).allSatisfy { ($0 - $1).magnitude < 1e-8 })
    }

    @Test(arguments: UInt64(1)...5)
    func scaledReturnsAreThoseOfEachFactor(seed: UInt64) throws {
        let history = BacktestMarket.history(seed: seed, days: 90, symbols: ["AAA", "BBB"])
        let book = try BacktestMarket.book(of: history)
        let scaling = VolatilityScaling()
        let scaled = ["AAA", "BBB"].map { symbol in
            let closes = history.closes[symbol] ?? []
            let returns = zip(closes.dropFirst(), closes).map { $0 / $1 - 1 }
            return scaling.scaled(Array(returns[10..<70])).map { 500_000 * $0 }
        }
        let expected = zip(scaled[0], scaled[1]).map { $0 + $1 }
        let found = book.scaledPnL(of: 10..<70, by: scaling)
        #expect(found.count == 60, "seed \(seed)")
        #expect(zip(found, expected).allSatisfy { ($0 - $1).magnitude < 1e-6 }, "seed \(seed)")
    }
}
