// SPDX-License-Identifier: Apache-2.0
// The market at one cut, for holdings that do not exist yet and for rates between currencies.

import RiskDomain
import RiskMath

public struct MarketSnapshot: Sendable {
    public let inputs: RiskInputs
    /// By instrument index: what its ticks say; `nil` before its first.
    public let prices: [Double?]
    public let cutNanoseconds: UInt64

    public init(inputs: RiskInputs, prices: [Double?], cutNanoseconds: UInt64) {
        self.inputs = inputs
        self.prices = prices
        self.cutNanoseconds = cutNanoseconds
    }

    /// Units of `to` for one of `from`; `nil` where no quoted pairs lead there or one has no price.
    public func rate(from: String, to: String) -> Double? {
        guard let path = self.inputs.currencies.path(from: from, to: to) else { return nil }
        return path.rate { leg in self.prices[leg.instrument].map(leg.factor) }
    }

    /// A holding at today's price, or at a price given.
    ///
    /// - Parameter currency: of the account.
    public func holding(
        of instrument: Int, quantity: Double, at price: Double? = nil, currency: String
    ) -> HeldPosition {
        let held = self.inputs.instruments[instrument]
        var position = HeldPosition(
            instrument: instrument, symbol: held.symbol, quantity: quantity, price: price ?? self.prices[instrument],
            rate: self.rate(from: held.currency, to: currency))
        guard let terms = held.option, let underlying = self.inputs.underlying(of: instrument) else { return position }
        let model = OptionModel(option: held, underlying: self.inputs.instruments[underlying])
        let now = self.inputs.convention.valuationNanoseconds(atCut: self.cutNanoseconds)
        let years = terms.yearsToExpiry(atNanoseconds: now)
        position.spot = self.prices[underlying]
        position.volatility = terms.volatility
        guard let spot = position.spot else { return position }
        if position.volatility == nil, let own = self.prices[instrument] {
            position.volatility = try? ImpliedVolatility.solve(
                price: own, terms: terms, model: model, spot: spot, years: years)
        }
        if position.price == nil, let volatility = position.volatility {
            position.price = OptionPricing.value(
                terms: terms, model: model, spot: spot, volatility: volatility, years: years)
        }
        return position
    }
}
