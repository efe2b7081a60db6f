// SPDX-License-Identifier: Apache-2.0
// Historical simulation put to the test over history itself.

import RiskDomain

/// A backtest on hypothetical P&L: the book stays as it is today, and its P&L of each past day is held against the
/// VaR and ES of the `window` days before.
public struct HistoricalBacktest: Sendable, Equatable {
    public let window: Int
    public let confidenceBasisPoints: Int
    public let quantile: QuantileDefinition
    public let shortfall: ShortfallDefinition

    /// - Parameters:
    ///   - window: days a forecast is made of, at least 1.
    ///   - confidenceBasisPoints: 1 to 9,999.
    public init(
        window: Int, confidenceBasisPoints: Int, quantile: QuantileDefinition = .discrete,
        shortfall: ShortfallDefinition = .acerbiTasche
    ) {
        precondition(window >= 1, "a window of \(window) days")
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        self.window = window
        self.confidenceBasisPoints = confidenceBasisPoints
        self.quantile = quantile
        self.shortfall = shortfall
    }

    /// - Parameter pnl: of the present book, one finite value a day, oldest first.
    /// - Returns: `nil` where no day has a full window before it, and where the window is too short for the definition.
    public func report(pnl: [Double]) -> BacktestReport? {
        guard pnl.count > self.window, let forecasts = self.forecasts(pnl) else { return nil }
        let days = self.window..<pnl.count
        let observed = Array(pnl[days])
        let backtest = Backtest(
            pnl: observed, valueAtRisk: forecasts.valueAtRisk, confidenceBasisPoints: self.confidenceBasisPoints)
        guard let kupiec = backtest.kupiec else { return nil }
        return BacktestReport(
            confidenceBasisPoints: self.confidenceBasisPoints, window: self.window, days: days,
            valueAtRisk: forecasts.valueAtRisk, expectedShortfall: forecasts.expectedShortfall,
            exceptions: backtest.exceptions.map { $0 + self.window },
            trafficLight: backtest.trafficLight, trafficLightOfLastYear: backtest.trafficLight(newest: 250),
            kupiec: kupiec, christoffersen: backtest.christoffersen,
            acerbiSzekely: AcerbiSzekelyZ2(
                pnl: observed, valueAtRisk: forecasts.valueAtRisk, expectedShortfall: forecasts.expectedShortfall,
                confidenceBasisPoints: self.confidenceBasisPoints))
    }

    /// VaR and ES of the window before each day that has one.
    private func forecasts(_ pnl: [Double]) -> (valueAtRisk: [Double], expectedShortfall: [Double])? {
        let position = QuantilePosition(
            confidenceBasisPoints: self.confidenceBasisPoints, count: self.window, definition: self.quantile)
        guard let position else { return nil }
        let tail = ShortfallTail(
            confidenceBasisPoints: self.confidenceBasisPoints, count: self.window, definition: self.shortfall)
        var past = SortedWindow(pnl[..<self.window])
        var (valueAtRisk, expectedShortfall): ([Double], [Double]) = ([], [])
        for day in self.window..<pnl.count {
            valueAtRisk.append(0 - position.interpolated { past.ascending[$0 - 1] })
            expectedShortfall.append(0 - tail.mean { past.ascending[$0 - 1] })
            past.replace(pnl[day - self.window], by: pnl[day])
        }
        return (valueAtRisk, expectedShortfall)
    }
}
