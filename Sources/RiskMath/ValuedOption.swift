// SPDX-License-Identifier: Apache-2.0
// An option at one instant: the price it is marked at, and the model that moves it.

import RiskDomain

/// An option with what its value follows from.
public struct ValuedOption: Sendable {
    public var terms: OptionTerms
    public var model: OptionModel
    /// Price of the underlying; `nil` before its first tick.
    public var spot: Double?
    /// Given, else implied from the option's own price; `nil` where neither is to be had.
    public var volatility: Double?
    public var years: Double
    /// The option's own price while it has one, else the model's; `nil` where there is neither.
    public var mark: PriceMark?

    /// - Parameters:
    ///   - own: the price its ticks give.
    ///   - underlying: the price of its underlying.
    ///   - years: to expiry.
    init(terms: OptionTerms, model: OptionModel, own: PriceMark?, underlying: PriceMark?, years: Double) {
        self.terms = terms
        self.model = model
        self.spot = underlying?.price
        self.years = years
        self.volatility = terms.volatility
        if self.volatility == nil, let own, let spot = underlying?.price {
            self.volatility = try? ImpliedVolatility.solve(
                price: own.price, terms: terms, model: model, spot: spot, years: years)
        }
        // Stale as soon as a price it depends on is.
        let isStale = (own?.isStale ?? false) || (underlying?.isStale ?? false)
        self.mark = (own?.price ?? self.modelValue).map { PriceMark($0, isStale: isStale) }
    }

    /// `nil` where spot or volatility is unknown.
    public var modelValue: Double? {
        guard let spot, let volatility else { return nil }
        return self.value(atSpot: spot, volatility: volatility)
    }

    public var greeks: OptionGreeks? {
        guard let spot, let volatility else { return nil }
        return OptionPricing.greeks(
            terms: self.terms, model: self.model, spot: spot, volatility: volatility, years: self.years)
    }

    /// `mark + (model(spot', σ + shift) − model(spot, σ))`: the price after a move of the underlying.
    ///
    /// - Returns: `nil` where the option has no model value.
    public func price(movingSpot move: (Double) -> Double, volatilityShift: Double = 0) -> Double? {
        guard let mark, let spot, let volatility, let modelValue else { return nil }
        let moved = self.value(atSpot: move(spot), volatility: max(0, volatility + volatilityShift))
        return mark.price + (moved - modelValue)
    }

    /// A lognormal underlying does not go below nothing.
    private func value(atSpot spot: Double, volatility: Double) -> Double {
        OptionPricing.value(
            terms: self.terms, model: self.model, spot: self.model == .bachelier ? spot : max(0, spot),
            volatility: volatility, years: self.years)
    }
}
