// SPDX-License-Identifier: Apache-2.0
// An option's value and how it changes.

/// A value per unit of the underlying, and its derivatives; NaN where there is no value.
public struct OptionGreeks: Sendable, Equatable {
    /// In units of price.
    public var value: Double
    /// Per 1 of the underlying's price.
    public var delta: Double
    /// Per 1 of the underlying's price, squared.
    public var gamma: Double
    /// Per 1.00 of volatility.
    public var vega: Double
    /// Per year, as time passes: negative where waiting costs.
    public var theta: Double
    /// Per 1.00 of interest rate, the yield unchanged.
    public var rho: Double

    public init(value: Double, delta: Double, gamma: Double, vega: Double, theta: Double, rho: Double) {
        self.value = value
        self.delta = delta
        self.gamma = gamma
        self.vega = vega
        self.theta = theta
        self.rho = rho
    }

    static let absent = OptionGreeks(value: .nan, delta: .nan, gamma: .nan, vega: .nan, theta: .nan, rho: .nan)

    /// What a calendar day costs, of 365 in a year.
    public var thetaPerDay: Double { self.theta / 365 }

    /// What a point of volatility is worth, 0.01.
    public var vegaPerPoint: Double { self.vega / 100 }

    /// What a hundredth of a per cent of rate is worth, 0.0001.
    public var rhoPerBasisPoint: Double { self.rho / 10_000 }
}
