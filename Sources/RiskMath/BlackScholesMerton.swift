// SPDX-License-Identifier: Apache-2.0
// European options on a lognormal underlying that pays a continuous yield.

import Glibc
import RiskDomain

/// Black & Scholes, "The Pricing of Options and Corporate Liabilities", Journal of Political Economy 81 (1973), with
/// the continuous yield of Merton, "Theory of Rational Option Pricing", Bell Journal of Economics and Management
/// Science 4 (1973):
///
/// `η·(S·e^(−yT)·N(η·d₁) − K·e^(−rT)·N(η·d₂))`, `d₁ = (ln(S/K) + (r − y + σ²/2)·T)/(σ√T)`, `d₂ = d₁ − σ√T`, η = 1 for a
/// call and −1 for a put.
struct BlackScholesMerton {
    let sign: Double
    let strike: Double
    /// Per year, continuously compounded, as the yield is.
    let rate: Double
    let yield: Double
    let volatility: Double
    /// To expiry, ≥ 0.
    let years: Double

    init(_ right: OptionTerms.Right, strike: Double, rate: Double, yield: Double, volatility: Double, years: Double) {
        self.sign = right == .call ? 1 : -1
        self.strike = strike
        self.rate = rate
        self.yield = yield
        self.volatility = volatility
        self.years = years
    }

    /// Standard deviation of the logarithm of the price at expiry.
    var deviation: Double { self.volatility * self.years.squareRoot() }
    /// Of what the underlying costs today without the yield until expiry.
    var spotDiscount: Double { exp(-self.yield * self.years) }
    var strikePresent: Double { self.strike * exp(-self.rate * self.years) }

    /// d₁ and d₂; infinite without volatility or time, according to whether the forward is above the strike.
    func deviations(spot: Double) -> (Double, Double) {
        let moneyness = log(spot / self.strike) + (self.rate - self.yield) * self.years
        guard self.deviation > 0 else { return moneyness > 0 ? (.infinity, .infinity) : (-.infinity, -.infinity) }
        let middle = moneyness / self.deviation
        return (middle + self.deviation / 2, middle - self.deviation / 2)
    }

    /// S·e^(−yT)·N(η·d₁) and K·e^(−rT)·N(η·d₂): the two sides of the exchange, each with its probability.
    private func sides(spot: Double) -> (underlying: Double, strike: Double) {
        let (d1, d2) = self.deviations(spot: spot)
        let underlying = spot * self.spotDiscount * NormalDistribution.cumulative(self.sign * d1)
        return (underlying, self.strikePresent * NormalDistribution.cumulative(self.sign * d2))
    }

    func value(spot: Double) -> Double {
        let sides = self.sides(spot: spot)
        return max(0, self.sign * (sides.underlying - sides.strike))
    }

    /// Haug, "The Complete Guide to Option Pricing Formulas", 2nd edition 2007, chapter 2.
    func greeks(spot: Double) -> OptionGreeks {
        let (d1, _) = self.deviations(spot: spot)
        let sides = self.sides(spot: spot)
        let density = self.spotDiscount * NormalDistribution.density(d1)
        let root = self.years.squareRoot()
        return OptionGreeks(
            value: self.value(spot: spot),
            delta: self.sign * self.spotDiscount * NormalDistribution.cumulative(self.sign * d1),
            gamma: density > 0 ? density / (spot * self.deviation) : 0,
            vega: spot * density * root,
            theta: self.sign * (self.yield * sides.underlying - self.rate * sides.strike)
                - (density > 0 ? spot * density * self.volatility / (2 * root) : 0),
            rho: self.sign * self.years * sides.strike)
    }
}
