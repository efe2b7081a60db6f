// SPDX-License-Identifier: Apache-2.0
// European options on a normally distributed forward price, which may be negative.

import Glibc
import RiskDomain

/// Bachelier, "Théorie de la spéculation", Annales scientifiques de l'École normale supérieure 17 (1900), discounted:
///
/// `e^(−rT)·(η·(F − K)·N(η·d) + σ√T·φ(d))`, `d = (F − K)/(σ√T)`, η = 1 for a call and −1 for a put.
struct Bachelier {
    let sign: Double
    let strike: Double
    let rate: Double
    /// In units of price per √year.
    let volatility: Double
    /// To expiry, ≥ 0.
    let years: Double

    init(_ right: OptionTerms.Right, strike: Double, rate: Double, volatility: Double, years: Double) {
        self.sign = right == .call ? 1 : -1
        self.strike = strike
        self.rate = rate
        self.volatility = volatility
        self.years = years
    }

    private var deviation: Double { self.volatility * self.years.squareRoot() }
    private var discount: Double { exp(-self.rate * self.years) }

    /// Infinite without volatility or time.
    private func distance(forward: Double) -> Double {
        guard self.deviation > 0 else { return forward > self.strike ? .infinity : -.infinity }
        return (forward - self.strike) / self.deviation
    }

    func value(forward: Double) -> Double {
        let d = self.distance(forward: forward)
        let exercised = self.sign * (forward - self.strike) * NormalDistribution.cumulative(self.sign * d)
        return max(0, self.discount * (exercised + self.deviation * NormalDistribution.density(d)))
    }

    func greeks(forward: Double) -> OptionGreeks {
        let d = self.distance(forward: forward)
        let density = self.discount * NormalDistribution.density(d)
        let value = self.value(forward: forward)
        let root = self.years.squareRoot()
        return OptionGreeks(
            value: value,
            delta: self.sign * self.discount * NormalDistribution.cumulative(self.sign * d),
            gamma: density > 0 ? density / self.deviation : 0,
            vega: density * root,
            theta: self.rate * value - (density > 0 ? density * self.volatility / (2 * root) : 0),
            rho: -self.years * value)
    }
}
