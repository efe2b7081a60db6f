// SPDX-License-Identifier: Apache-2.0
// Why a book's risk is what it is: further models, attribution, worst days, distribution, backtest, stress by part.

import RiskDomain
import RiskMath

/// The ways VaR is measured side by side; raw values are the names published.
public enum RiskModel: String, Sendable, CaseIterable {
    /// As published on the account: each scenario weighs the same.
    case historical
    /// The same scenarios, gains: what an opposite book would lose.
    case gain
    case ageWeighted = "age_weighted"
    case volatilityScaled = "volatility_scaled"
    case parametric
    case parametricEWMA = "parametric_ewma"
    case stressed
}

/// The risk of one book, explained. Money is in the book's currency, losses positive; what has no value is absent.
public struct BookReport: Sendable {
    public struct Figures: Sendable, Equatable {
        /// By confidence in basis points.
        public var valueAtRisk: [Int: Double] = [:]
        public var expectedShortfall: [Int: Double] = [:]
    }

    /// Bounds between which VaR lies with the configured probability, read off the ordered scenarios.
    public struct Interval: Sendable, Equatable {
        public var least: Double?
        public var greatest: Double?
        /// Probability attained.
        public var coverage: Double
    }

    public struct WorstScenario: Sendable, Equatable {
        /// The later day of its return.
        public var date: String
        public var pnl: Double
        /// By part.
        public var parts: [Double?]
    }

    public struct BacktestSummary: Sendable, Equatable {
        public var report: BacktestReport
        /// Of the first and last day that has a forecast.
        public var from: String
        public var to: String
        public var exceptionDates: [String]

        /// Of the last year where there is more than one.
        public var light: TrafficLight { self.report.trafficLightOfLastYear ?? self.report.trafficLight }

        /// As many as the confidence allows for.
        public var expectedExceptions: Double {
            Double(self.report.days.count) * Double(10_000 - self.report.confidenceBasisPoints) / 10_000
        }
    }

    public var name: String
    public var currency: String
    public var cutNanoseconds: UInt64
    public var models: [RiskModel: Figures] = [:]
    /// Window of the stressed model, of several the highest confidence's.
    public var stressedDates: (from: String, to: String)?
    public var intervals: [Int: Interval] = [:]
    /// At the highest confidence, by part.
    public var attribution: Attribution?
    /// Dates of the scenarios VaR is read off: one, or the two it stands between.
    public var scenarioDates: [String] = []
    /// The same by each grouping, in the order asked for.
    public var groupings: [Attribution?] = []
    public var worst: [WorstScenario] = []
    public var histogram: PnLHistogram?
    public var backtest: BacktestSummary?
    /// Names of the parts that ``stress`` is of: all that is held, with or without history.
    public var stressParts: [String] = []
    /// P&L by stress scenario, by part.
    public var stress: [[Double?]] = []
}
