// SPDX-License-Identifier: Apache-2.0
// The backtest without the rest of the report is the report's.

import RiskDomain
import RiskMath
import RiskReport
import Testing

@Suite struct BacktestAloneTests {
    /// Two symbols with history and one without, which neither counts.
    @Test(arguments: [UInt64(1), 2, 3]) func itIsTheReportsOwn(seed: UInt64) throws {
        let symbols = ["AAA", "BBB", "CCC"]
        let instruments = symbols.enumerated().map { number, symbol in
            Instrument(id: UInt32(number), symbol: symbol, name: "", sector: "", currency: "USD")
        }
        let inputs = BacktestMarket.inputs(
            instruments, [], BacktestMarket.history(seed: seed, days: 700, symbols: ["AAA", "BBB"]), window: 300)
        let market = MarketSnapshot(inputs: inputs, prices: [100, 40, 7], cutNanoseconds: 0)
        let held = [10.0, -15, 100].enumerated().map { number, quantity in
            market.holding(of: number, quantity: quantity, currency: "USD")
        }
        let reporter = BookReporter(inputs: inputs, tier: try BacktestMarket.tier())
        let vectors = held.compactMap {
            reporter.revaluation.scenarioPnL(of: $0, currency: "USD", scenarios: inputs.scenarios, atCut: 0)
        }
        #expect(vectors.count == 2)
        let book = BookSnapshot(
            name: "BOOK", currency: "USD", cutNanoseconds: 0, positions: held,
            scenarioPnL: zip(vectors[0], vectors[1]).map { $0 + $1 })
        let alone = try #require(reporter.backtest(of: book))
        #expect(alone == reporter.report(of: book).backtest)
        #expect(alone.report.days.count == 250 && alone.expectedExceptions == 2.5)
    }

    @Test func aBookThatNothingIsKnownOfHasNone() throws {
        let inputs = BacktestMarket.inputs([], [], BacktestMarket.history(seed: 1, days: 700, symbols: ["AAA"]))
        let reporter = BookReporter(inputs: inputs, tier: try BacktestMarket.tier())
        let book = BookSnapshot(name: "BOOK", currency: "USD", cutNanoseconds: 0, positions: [], scenarioPnL: [])
        #expect(reporter.backtest(of: book) == nil)
    }
}
