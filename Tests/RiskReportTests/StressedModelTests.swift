// SPDX-License-Identifier: Apache-2.0
// The stressed model has the confidences its window is long enough for.

import RiskDomain
import RiskKernel
import RiskMath
import RiskReport
import Testing

@Suite struct StressedModelTests {
    private static func report(days: Int, _ quantile: QuantileDefinition) throws -> BookReport {
        let instrument = Instrument(id: 0, symbol: "AAA", name: "", sector: "", currency: "USD")
        let history = BacktestMarket.history(seed: 7, days: 60, symbols: ["AAA"])
        let inputs = RiskInputs(
            instruments: [instrument],
            accounts: [Account(id: "BOOK", name: "", currency: "USD", cash: 0, marginLimit: nil)],
            positions: [Position(account: "BOOK", symbol: "AAA", quantity: 10, averageCost: 1)], history: history,
            stressScenarios: [], convention: RiskConvention(confidences: [9_500, 9_900], quantile: quantile),
            models: RiskModelSettings(stressedDays: days))
        let market = MarketSnapshot(inputs: inputs, prices: [100], cutNanoseconds: 0)
        let held = market.holding(of: 0, quantity: 10, currency: "USD")
        let reporter = BookReporter(inputs: inputs, tier: try BacktestMarket.tier())
        let pnl = try #require(
            reporter.revaluation.scenarioPnL(of: held, currency: "USD", scenarios: inputs.scenarios, atCut: 0))
        return reporter.report(
            of: BookSnapshot(
                name: "BOOK", currency: "USD", cutNanoseconds: 0, positions: [held], scenarioPnL: pnl))
    }

    /// Hazen needs half a scenario in the tail: 30 days have 1.5 at 95 % and 0.3 at 99 %.
    @Test func windowTooShortForOneConfidenceKeepsTheOthers() throws {
        let report = try Self.report(days: 30, .hazen)
        let figures = try #require(report.models[.stressed])
        #expect(Array(figures.valueAtRisk.keys) == [9_500] && Array(figures.expectedShortfall.keys) == [9_500])
        #expect(report.stressedDates != nil)
        #expect(try Self.report(days: 30, .discrete).models[.stressed]?.valueAtRisk.count == 2)
    }

    /// A history shorter than the window, and a window with less than half a scenario in either tail.
    @Test(arguments: [(61, QuantileDefinition.discrete), (9, .hazen)])
    func withoutAnyWindowThereIsNoModel(days: Int, quantile: QuantileDefinition) throws {
        let report = try Self.report(days: days, quantile)
        #expect(report.models[.stressed] == nil && report.stressedDates == nil)
    }
}
