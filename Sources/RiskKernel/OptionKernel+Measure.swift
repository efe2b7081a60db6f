// SPDX-License-Identifier: Apache-2.0
// The kernels' option derivatives and implied volatility, for whoever checks the engine's numbers.

import CEngine
import CKernels
import RiskDomain

/// A value per unit of the underlying, and its derivatives; NaN where there is no value.
public struct OptionMeasures: Sendable, Equatable {
    /// In units of price.
    public var value: Double
    /// Per 1 of the underlying's price.
    public var delta: Double
    /// Per 1 of the underlying's price, squared.
    public var gamma: Double
    /// Per 1.00 of volatility.
    public var vega: Double
    /// Per year, as time passes.
    public var theta: Double
    /// Per 1.00 of interest rate, the yield unchanged.
    public var rho: Double
}

extension OptionKernel {
    /// The value and its derivatives; the same bits on every tier.
    ///
    /// - Parameters:
    ///   - spot: price of the underlying; of a future or under Bachelier, a forward price.
    ///   - volatility: per √year; in units of price under Bachelier.
    ///   - years: to expiry; at most 0 is expired.
    public static func measures(
        of terms: OptionTerms, model: OptionModel, spot: Double, volatility: Double, years: Double
    ) -> OptionMeasures {
        var terms = tr_option_terms(terms, model: model)
        var greeks = tr_option_greeks()
        tr_option_measure(&terms, volatility, years, spot, &greeks)
        return OptionMeasures(
            value: greeks.value, delta: greeks.delta, gamma: greeks.gamma, vega: greeks.vega, theta: greeks.theta,
            rho: greeks.rho)
    }

    /// The volatility at which an option is worth `price`.
    ///
    /// - Returns: `nil` where no volatility gives the price; per √year, in units of price under Bachelier.
    public static func impliedVolatility(
        of terms: OptionTerms, model: OptionModel, price: Double, spot: Double, years: Double
    ) -> Double? {
        var terms = tr_option_terms(terms, model: model)
        var volatility = Double.nan
        let answer = tr_option_implied_volatility(&terms, price, spot, years, &volatility)
        return Int(answer) == Int(TR_IMPLIED_OK) ? volatility : nil
    }
}
