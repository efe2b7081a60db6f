// SPDX-License-Identifier: Apache-2.0
// The value of an option and its derivatives, whatever its model and style: what the kernels are held to.

import Glibc
import RiskDomain

/// Options by their terms. European ones are closed formulas; American ones follow ``BaroneAdesiWhaley``, except under
/// ``OptionModel/bachelier``, where they are taken for European.
///
/// There is no value, NaN, without finite terms, volatility and time, for a negative volatility, and in a lognormal
/// model for a negative price or strike. Expired options are worth their intrinsic value; without volatility an option
/// is worth the discounted intrinsic value of its forward, and an American one no less than its exercise.
public enum OptionPricing {
    /// - Parameters:
    ///   - spot: price of the underlying; of a future or under Bachelier, a forward price, and the yield is ignored.
    ///   - volatility: per √year; in units of price under Bachelier.
    ///   - years: to expiry; at most 0 is expired.
    /// - Returns: value per unit, ≥ 0, in the option's currency.
    public static func value(
        terms: OptionTerms, model: OptionModel, spot: Double, volatility: Double, years: Double
    ) -> Double {
        guard Self.hasValue(terms: terms, model: model, spot: spot, volatility: volatility, years: years) else {
            return .nan
        }
        let years = max(0, years)
        if model == .bachelier {
            return Bachelier(
                terms.right, strike: terms.strike, rate: terms.rate, volatility: volatility, years: years
            ).value(forward: spot)
        }
        let european = Self.lognormal(terms: terms, model: model, volatility: volatility, years: years)
        guard terms.style == .american, Self.mayBeExercisedEarly(european) else { return european.value(spot: spot) }
        return BaroneAdesiWhaley(european).value(spot: spot)
    }

    /// Of an American option, delta and gamma are those of the approximation and the others central differences of its
    /// value: volatility and years by 10⁻⁴ of themselves, rate by 10⁻⁵. Where it is exercised it is its exercise value.
    /// Expired, an option has a delta only.
    public static func greeks(
        terms: OptionTerms, model: OptionModel, spot: Double, volatility: Double, years: Double
    ) -> OptionGreeks {
        guard Self.hasValue(terms: terms, model: model, spot: spot, volatility: volatility, years: years) else {
            return .absent
        }
        let sign: Double = terms.right == .call ? 1 : -1
        let exercised = sign * (spot - terms.strike)
        let intrinsic = OptionGreeks(
            value: max(0, exercised), delta: exercised > 0 ? sign : 0, gamma: 0, vega: 0, theta: 0, rho: 0)
        if years <= 0 { return intrinsic }
        if model == .bachelier {
            return Bachelier(
                terms.right, strike: terms.strike, rate: terms.rate, volatility: volatility, years: years
            ).greeks(forward: spot)
        }
        let european = Self.lognormal(terms: terms, model: model, volatility: volatility, years: years)
        if terms.style == .american, Self.mayBeExercisedEarly(european) {
            let american = BaroneAdesiWhaley(european)
            if exercised > 0, american.value(spot: spot) == exercised { return intrinsic }
            if european.deviation > 0 { return Self.greeks(of: american, terms: terms, model: model, spot: spot) }
        }
        if model == .black76 {
            return Black76(
                terms.right, strike: terms.strike, rate: terms.rate, volatility: volatility, years: years
            ).greeks(forward: spot)
        }
        return european.greeks(spot: spot)
    }

    private static func hasValue(
        terms: OptionTerms, model: OptionModel, spot: Double, volatility: Double, years: Double
    ) -> Bool {
        let yield = model == .blackScholesMerton ? terms.yield : 0
        guard [terms.strike, terms.rate, yield, volatility, years].allSatisfy(\.isFinite), volatility >= 0 else {
            return false
        }
        return model == .bachelier ? !spot.isNaN : spot >= 0 && terms.strike >= 0
    }

    private static func lognormal(
        terms: OptionTerms, model: OptionModel, volatility: Double, years: Double
    ) -> BlackScholesMerton {
        if model == .black76 {
            return Black76(
                terms.right, strike: terms.strike, rate: terms.rate, volatility: volatility, years: years
            ).asSpot
        }
        return BlackScholesMerton(
            terms.right, strike: terms.strike, rate: terms.rate, yield: terms.yield, volatility: volatility,
            years: years)
    }

    /// A call gains the yield and loses interest on the strike by early exercise, a put the other way round.
    private static func mayBeExercisedEarly(_ european: BlackScholesMerton) -> Bool {
        let isCall = european.sign > 0
        let (gained, lost) = isCall ? (european.yield, european.rate) : (european.rate, european.yield)
        return gained > 0 || lost < 0
    }

    private static func greeks(
        of american: BaroneAdesiWhaley, terms: OptionTerms, model: OptionModel, spot: Double
    ) -> OptionGreeks {
        let european = american.european
        var greeks = european.greeks(spot: spot)
        greeks.value = american.value(spot: spot)
        if let (criticalPrice, premium, exponent) = american.exercise, spot > 0 {
            let slope = premium * pow(spot / criticalPrice, exponent) * exponent / spot
            greeks.delta += slope
            greeks.gamma += slope * (exponent - 1) / spot
        }
        func value(volatilityTimes: Double = 1, yearsTimes: Double = 1, ratePlus: Double = 0) -> Double {
            var terms = terms
            terms.rate += ratePlus
            return Self.value(
                terms: terms, model: model, spot: spot, volatility: european.volatility * volatilityTimes,
                years: european.years * yearsTimes)
        }
        let (up, down) = (1 + 1e-4, 1 - 1e-4)
        greeks.vega = (value(volatilityTimes: up) - value(volatilityTimes: down)) / (2e-4 * european.volatility)
        greeks.theta = (value(yearsTimes: down) - value(yearsTimes: up)) / (2e-4 * european.years)
        greeks.rho = (value(ratePlus: 1e-5) - value(ratePlus: -1e-5)) / 2e-5
        return greeks
    }
}
