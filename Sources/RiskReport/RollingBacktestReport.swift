// SPDX-License-Identifier: Apache-2.0
// What a rolling backtest of one model says, day by day, year by year, and over all.

import RiskMath

/// Forecasts of one model beside the P&L that came. Money is in the book's currency, losses of forecasts positive.
public struct RollingBacktestReport: Sendable {
    /// Days of a supervisor's year.
    public static let yearDays = 250

    /// Consecutive days under one traffic light.
    public struct Year: Sendable, Equatable {
        /// Positions in ``RollingBacktestReport/dates``; ``RollingBacktestReport/yearDays`` of them, but for the oldest
        /// year, which has what is left.
        public var days: Range<Int>
        public var exceptions: Int
        public var light: TrafficLight
    }

    /// The forecasts at one confidence and the tests of them.
    public struct Figures: Sendable, Equatable {
        /// By day.
        public var valueAtRisk: [Double]
        public var expectedShortfall: [Double]
        public var backtest: Backtest
        /// `nil` where an ES forecast is not above 0.
        public var acerbiSzekely: AcerbiSzekelyZ2?
        /// Oldest first; counted back from the newest day.
        public var years: [Year]

        init(pnl: [Double], valueAtRisk: [Double], expectedShortfall: [Double], confidenceBasisPoints: Int) {
            self.valueAtRisk = valueAtRisk
            self.expectedShortfall = expectedShortfall
            self.backtest = Backtest(
                pnl: pnl, valueAtRisk: valueAtRisk, confidenceBasisPoints: confidenceBasisPoints)
            self.acerbiSzekely = AcerbiSzekelyZ2(
                pnl: pnl, valueAtRisk: valueAtRisk, expectedShortfall: expectedShortfall,
                confidenceBasisPoints: confidenceBasisPoints)
            self.years = Self.years(of: self.backtest)
        }

        private static func years(of backtest: Backtest) -> [Year] {
            let oldest = backtest.observations % RollingBacktestReport.yearDays
            let starts = stride(
                from: oldest, to: backtest.observations, by: RollingBacktestReport.yearDays)
            let ranges = (oldest > 0 ? [0..<oldest] : []) + starts.map { $0..<($0 + RollingBacktestReport.yearDays) }
            return ranges.map { days in
                let exceptions = backtest.exceptions.count { days.contains($0) }
                return Year(
                    days: days, exceptions: exceptions,
                    light: TrafficLight(
                        exceptions: exceptions, observations: days.count,
                        confidenceBasisPoints: backtest.confidenceBasisPoints))
            }
        }
    }

    public var model: RiskModel
    /// Returns each forecast is made of.
    public var window: Int
    /// Days that have a forecast, ascending.
    public var dates: [String]
    /// By day.
    public var pnl: [Double]
    /// By confidence, in the order asked for.
    public var figures: [Figures]
}
