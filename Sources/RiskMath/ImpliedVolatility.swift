// SPDX-License-Identifier: Apache-2.0
// The volatility at which an option is worth its price.

import Glibc
import RiskDomain

public enum ImpliedVolatilityError: Error, Sendable, Equatable {
    case expired
    /// The price is below what the option is worth without volatility.
    case belowIntrinsic(price: Double, intrinsic: Double)
    /// The price is at or above what no volatility exceeds.
    case aboveBound(price: Double, bound: Double)
    /// An input is not finite, or has no value under the model.
    case notFinite
    /// The approximation of an American option steps over the price.
    case noSolution
}

/// Solves for the volatility: Newton's method on the logarithm of the value, in a bracket that bisection narrows.
///
/// In the money a European option's price is mostly intrinsic; by parity it is solved for the other right, whose price
/// is all time value.
public enum ImpliedVolatility {
    /// - Parameters:
    ///   - price: of the option, in units of the underlying's price.
    ///   - spot: price of the underlying, as ``OptionPricing`` takes it.
    ///   - years: to expiry.
    /// - Returns: volatility per √year, ≥ 0 and 0 only for the value without volatility; in units of price under
    ///   Bachelier.
    public static func solve(
        price: Double, terms: OptionTerms, model: OptionModel, spot: Double, years: Double
    ) throws(ImpliedVolatilityError) -> Double {
        func still(_ terms: OptionTerms) -> Double {
            OptionPricing.value(terms: terms, model: model, spot: spot, volatility: 0, years: years)
        }
        let intrinsic = still(terms)
        guard price.isFinite, spot.isFinite, intrinsic.isFinite else { throw .notFinite }
        guard years > 0 else { throw .expired }
        guard price >= intrinsic else { throw .belowIntrinsic(price: price, intrinsic: intrinsic) }
        if price == intrinsic { return 0 }
        let bound = Self.bound(terms: terms, model: model, spot: spot, years: years)
        guard price < bound else { throw .aboveBound(price: price, bound: bound) }

        var (target, solved) = (price, terms)
        let isEuropean = terms.style == .european || model == .bachelier
        if isEuropean, intrinsic > 0 {
            solved.right = terms.right == .call ? .put : .call
            target -= intrinsic
        }
        return try Self.zero(years: years) { volatility in
            let greeks = OptionPricing.greeks(
                terms: solved, model: model, spot: spot, volatility: volatility, years: years)
            let value = max(greeks.value, 1e-300)
            return (log(value / target), greeks.vega / value)
        }
    }

    /// A call is worth no more than its underlying and a put no more than its strike, today's where it is American.
    private static func bound(terms: OptionTerms, model: OptionModel, spot: Double, years: Double) -> Double {
        if model == .bachelier { return .infinity }
        let yield = model == .black76 ? terms.rate : terms.yield
        let isCall = terms.right == .call
        let atExpiry = isCall ? spot * exp(-yield * years) : terms.strike * exp(-terms.rate * years)
        return terms.style == .american ? max(atExpiry, isCall ? spot : terms.strike) : atExpiry
    }

    /// The zero of an increasing function of volatility that comes with its slope.
    private static func zero(
        years: Double, _ excess: (Double) -> (value: Double, slope: Double)
    ) throws(ImpliedVolatilityError) -> Double {
        var (low, high) = (0.0, 1 / years.squareRoot())
        while excess(high).value < 0 {
            guard high.isFinite else { throw .noSolution }
            (low, high) = (high, 2 * high)
        }
        var volatility = (low + high) / 2
        for _ in 0..<2_000 {
            let (value, slope) = excess(volatility)
            if value > 0 { high = volatility } else { low = volatility }
            let newton = volatility - value / slope
            let isInside = newton > low && newton < high
            let next = isInside ? newton : (low + high) / 2
            if abs(next - volatility) <= 1e-15 * volatility || next == low || next == high { break }
            volatility = next
        }
        guard abs(excess(volatility).value) <= 1e-6 else { throw .noSolution }
        return volatility
    }
}
