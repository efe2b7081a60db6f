// SPDX-License-Identifier: Apache-2.0
// A book small enough to check by hand, and what "equal" means for its figures.

import RiskDomain
import RiskMath

enum HandBook {
    /// Returns: AAA +10 %, −10 %, +10 %; FUT −5 %, +10 %, 0; NEW none; EUX 0, 0, 0.
    static let history = ClosingHistory(
        dates: ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"],
        closes: ["AAA": [100, 110, 99, 108.9], "FUT": [20, 19, 20.9, 20.9], "EUX": [10, 10, 10, 10]])

    static let instruments = [
        Instrument(id: 1, symbol: "AAA", name: "A", sector: "Technology", currency: "USD"),
        Instrument(
            id: 2, symbol: "FUT", name: "F", sector: "Energy", currency: "USD", multiplier: 50, marginRate: 0.1),
        Instrument(id: 3, symbol: "NEW", name: "N", sector: "Technology", currency: "USD"),
        Instrument(id: 4, symbol: "EUX", name: "E", sector: "Technology", currency: "EUR"),
    ]

    static let alpha = Account(id: "ALPHA", name: "Alpha", currency: "USD", cash: 10_000, marginLimit: 600)
    static let gamma = Account(id: "GAMMA", name: "Gamma", currency: "USD", cash: 500, marginLimit: 1_000)
    static let europe = Account(id: "EUROPE", name: "Europe", currency: "EUR", cash: 700, marginLimit: 100)
    static let empty = Account(id: "EMPTY", name: "Empty", currency: "USD", cash: 50, marginLimit: 0)

    static let alphaPositions = [
        Position(account: "ALPHA", symbol: "AAA", quantity: 10, averageCost: 90),
        Position(account: "ALPHA", symbol: "FUT", quantity: -2, averageCost: 21),
        Position(account: "ALPHA", symbol: "NEW", quantity: 5, averageCost: 40),
    ]
    static let gammaPositions = [Position(account: "GAMMA", symbol: "AAA", quantity: -10, averageCost: 100)]
    static let europePositions = [Position(account: "EUROPE", symbol: "EUX", quantity: 100, averageCost: 9)]

    static let stress = [
        StressScenario(name: "market_crash_10pct", shocks: [StressShock(target: .all, price: -0.10)]),
        StressScenario(
            name: "mixed",
            shocks: [
                StressShock(target: .instrument("AAA"), price: -0.30),
                StressShock(target: .sector("Energy"), price: 0.08),
                StressShock(target: .all, price: -0.05),
            ]),
        StressScenario(name: "energy_only", shocks: [StressShock(target: .sector("Energy"), price: 0.5)]),
    ]

    static let marks: [PriceMark?] = [PriceMark(110), PriceMark(20, isStale: true), PriceMark(50), PriceMark(11)]
    static let noMarks = [PriceMark?](repeating: nil, count: 4)

    static func inputs(
        accounts: [Account] = [alpha], positions: [Position] = alphaPositions, quantile: QuantileDefinition = .discrete,
        horizonDays: Int = 1, history: ClosingHistory = history
    ) -> RiskInputs {
        RiskInputs(
            instruments: self.instruments, accounts: accounts, positions: positions, history: history,
            stressScenarios: self.stress,
            convention: RiskConvention(
                window: 3, confidences: [5000, 9500], quantile: quantile, horizonDays: horizonDays))
    }

    static func alphaValue(_ marks: [PriceMark?] = marks, level: MarginLevel = .unknown) -> AccountValuation {
        AccountReference.value(of: self.alpha, in: self.inputs(), marks: marks, previousMarginLevel: level)
    }
}

/// Equal but for the rounding of a few operations.
func isClose(_ value: Double?, _ expected: Double) -> Bool {
    guard let value else { return false }
    return (value - expected).magnitude <= 1e-11 * max(1, expected.magnitude)
}
