// SPDX-License-Identifier: Apache-2.0
// Seeded histories and books for the tests of backtests.

import RiskDomain
import RiskKernel
import RiskMath
import RiskReport
import RiskSimulation
import Testing

enum BacktestMarket {
    /// ISO days from 2001-01-01 on, one after the other.
    static func dates(_ count: Int) -> [String] {
        let first = CalendarDay(iso8601: "2001-01-01")!
        return (0..<count).map { CalendarDay(daysSince1970: first.daysSince1970 + $0).description }
    }

    /// Closes of geometric random walks whose volatility is three times as great in the second half.
    static func history(seed: UInt64, days: Int, symbols: [String]) -> ClosingHistory {
        var random = SplitMix64(seed: seed)
        let columns = symbols.map { _ in
            var close = 50 + 100 * random.nextUniform()
            return (0..<days).map { day -> Double in
                close *= 1 + (day < days / 2 ? 0.01 : 0.03) * max(-3, min(3, random.nextNormal()))
                return close
            }
        }
        return ClosingHistory(
            dates: self.dates(days), closes: Dictionary(uniqueKeysWithValues: zip(symbols, columns)))
    }

    static func inputs(
        _ instruments: [Instrument], _ positions: [Position], _ history: ClosingHistory, currency: String = "USD",
        window: Int = 60, confidences: [Int] = [9_500, 9_900]
    ) -> RiskInputs {
        RiskInputs(
            instruments: instruments,
            accounts: [Account(id: "BOOK", name: "", currency: currency, cash: 0, marginLimit: nil)],
            positions: positions, history: history, stressScenarios: [],
            convention: RiskConvention(window: window, confidences: confidences))
    }

    static func tier() throws -> KernelTier { try KernelTier(named: "scalar") }

    /// Equal weights of three symbols over a seeded history.
    static func book(
        seed: UInt64, days: Int, side: EqualWeightBook.Side = .long, window: Int = 60
    ) throws -> FixedBook {
        try self.book(of: self.history(seed: seed, days: days, symbols: ["AAA", "BBB", "CCC"]), side, window: window)
    }

    static func book(
        of history: ClosingHistory, _ side: EqualWeightBook.Side = .long, window: Int = 60
    ) throws -> FixedBook {
        let equal = try #require(EqualWeightBook(of: history, side: side, currency: "USD"))
        let inputs = self.inputs(equal.instruments, equal.positions, history, window: window)
        return try #require(FixedBook(of: EqualWeightBook.account, inputs: inputs, tier: try self.tier()))
    }
}
