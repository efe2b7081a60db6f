// SPDX-License-Identifier: Apache-2.0
// In words, what figures are by: what a reader must know to compute them again.

import RiskDomain

/// The conventions of one set of inputs, by what they are of.
public struct ReportConventions: Sendable {
    private let convention: RiskConvention
    private let models: RiskModelSettings

    public init(_ inputs: RiskInputs) {
        self.convention = inputs.convention
        self.models = inputs.models
    }

    /// A row a table of a report, and those of an account that its report explains.
    public var all: KeyValuePairs<String, String> {
        [
            "attribution": self.attribution, "interval": self.interval, "histogram": self.histogram,
            "worst": self.worst, "stress": self.stress, "greeks": Self.greeks, "options": Self.options,
            "backtest": self.backtest,
        ]
    }

    public func text(of model: RiskModel) -> String {
        switch model {
        case .historical: "historical simulation, equal weights"
        case .gain: "historical simulation, equal weights, gain tail"
        case .ageWeighted:
            "historical simulation, weights falling by \(self.models.ageWeightedLambda) a day, first crossing"
        case .volatilityScaled:
            "historical simulation, returns scaled to EWMA volatility, lambda \(self.models.volatilityLambda)"
        case .parametric: "normal, equal weights, zero mean"
        case .parametricEWMA: "normal, EWMA variance, lambda \(self.models.volatilityLambda), zero mean"
        case .stressed:
            "historical simulation, worst \(self.models.stressedDays) days of the history, sqrt horizon"
        }
    }

    private var horizon: String {
        let days = "\(self.convention.horizonDays)-day"
        return self.convention.horizonDays == 1 ? days : "\(days) (\(self.convention.horizonMethod.rawValue))"
    }

    private var attribution: String {
        "Euler components of the \(self.horizon) historical VaR (\(self.convention.quantile.rawValue)) and ES "
            + "(\(self.convention.shortfall.rawValue)), losses positive; marginal per unit of market value; "
            + "incremental is VaR less VaR without the part"
    }

    private var interval: String {
        "order statistics of the \(self.horizon) scenarios that contain VaR with at least "
            + "\(Double(self.models.intervalLevel) / 100) %, binomial"
    }

    /// The square root of time scales figures, not scenarios.
    private var scenarioDays: String { "\(self.convention.scenarioDays)-day scenario P&L, not scaled, gains positive" }

    private var histogram: String { "equal bins from the worst to the best, \(self.scenarioDays)" }

    private var worst: String { "\(self.scenarioDays), by the later date of the return" }

    /// Of named scenarios, grids and reverse stress.
    public var stress: String {
        "instantaneous moves, options valued anew, rates moved with their pairs, gains positive, no horizon"
    }

    /// Of the greeks of an account and the firm.
    public static let greeks =
        "money by underlying: delta units * delta * price, gamma the change of delta for 1 %, vega for one point of "
        + "volatility, theta for one day of 365, rho for 1 % of interest"

    /// Of what options are valued by.
    public static let options =
        "Black-Scholes-Merton; Black 1976 on futures; Bachelier where prices may be negative; American by "
        + "Barone-Adesi and Whaley 1987; years of 365 days to the minute"

    private var backtest: String {
        "P&L the present book would have had, one day, against the equally weighted historical VaR "
            + "(\(self.convention.quantile.rawValue)) and ES (\(self.convention.shortfall.rawValue)) of the window "
            + "before it; Basel light of the last 250 days"
    }
}

extension BookReporter {
    public var conventions: ReportConventions { ReportConventions(self.inputs) }
}
