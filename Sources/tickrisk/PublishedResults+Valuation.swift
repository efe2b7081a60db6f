// SPDX-License-Identifier: Apache-2.0
// Worked examples of positions, P&L and currencies.

import RiskDomain
import RiskKernel
import RiskMath
import RiskReport

extension PublishedResults {
    static var valuation: [PublishedResult] {
        func exact(_ quantity: String, _ source: PublishedSource, _ expected: Double, _ found: Double)
            -> PublishedResult
        {
            PublishedResult(quantity, source, expected: expected, decimals: 2, tolerance: 1e-9, found: found)
        }
        var position = AverageCost(quantity: 100, averageCost: 10)
        _ = position.fill(50, at: 16)
        let averaged = position.averageCost
        _ = position.fill(-30, at: 15)
        let realised = position.realisedPnL
        _ = position.fill(-200, at: 11)
        return [
            exact(
                "unrealised P&L, 10 AAPL at 180, price 195", .byHand, 150,
                MarkToMarket.unrealisedPnL(quantity: 10, averageCost: 180, multiplier: 1, price: 195, rate: 1)),
            exact(
                "market value, 10 AAPL, price 195", .byHand, 1_950,
                MarkToMarket.marketValue(quantity: 10, multiplier: 1, price: 195, rate: 1)),
            exact(
                "day P&L, 10 over night at 190 and 5 bought at 192, price 195", .byHand, 65,
                MarkToMarket.dayPnL(
                    overnightQuantity: 10, priorClose: 190, trades: [DayTrade(quantity: 5, price: 192)], multiplier: 1,
                    price: 195, rate: 1)),
            exact("average cost, 100 at 10 and 50 at 16", .averageCost, 12, averaged),
            exact("realised P&L, then 30 sold at 15", .averageCost, 90, realised),
            exact("realised P&L, then 200 sold at 11", .averageCost, -30, position.realisedPnL),
            exact("average cost of the short that opened", .averageCost, 11, position.averageCost),
        ]
    }

    /// A share in euros held in dollars: +2 % of the share and +1 % of the euro; and the yen per euro.
    static func currencies(tier: KernelTier) -> [PublishedResult] {
        let instruments = [
            Instrument(id: 1, symbol: "SHARE", name: "", sector: "", currency: "EUR"),
            Instrument(
                id: 2, symbol: "EURUSD", name: "", sector: "", currency: "USD", kind: .currencyPair(base: "EUR")),
            Instrument(
                id: 3, symbol: "USDJPY", name: "", sector: "", currency: "JPY", kind: .currencyPair(base: "USD")),
        ]
        let prices = [102, 1.111, 150]
        let inputs = RiskInputs(
            instruments: instruments, accounts: [], positions: [],
            history: ClosingHistory(
                dates: ["2024-01-01", "2024-01-02"],
                closes: ["SHARE": [100, 102], "EURUSD": [1.10, 1.111], "USDJPY": [150, 150]]),
            stressScenarios: [], convention: RiskConvention(window: 1))
        let market = MarketSnapshot(inputs: inputs, prices: prices, cutNanoseconds: 0)
        let held = market.holding(of: 0, quantity: 1_000, currency: "USD")
        let revaluation = Revaluation(inputs: inputs, tier: tier)
        let pnl = revaluation.scenarioPnL(of: held, currency: "USD", scenarios: inputs.scenarios, atCut: 0)?.first
        let value = revaluation.marketValue(of: held)
        return [
            PublishedResult(
                "yen per euro at EURUSD 1.111, USDJPY 150", .byHand, expected: 166.65, decimals: 2, tolerance: 1e-9,
                route: "RiskReport", found: market.rate(from: "EUR", to: "JPY")),
            PublishedResult(
                "euros per 1,000 yen at the same", .byHand, expected: 6.0006, decimals: 4, route: "RiskReport",
                found: market.rate(from: "JPY", to: "EUR").map { 1_000 * $0 }),
            PublishedResult(
                "return in USD of a EUR share, 1.02 * 1.01 - 1", .byHand, expected: 0.0302, decimals: 4,
                tolerance: 1e-12, route: "RiskReport",
                found: pnl.flatMap { pnl in value.map { pnl / $0 } }),
        ]
    }
}
