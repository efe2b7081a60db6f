// SPDX-License-Identifier: Apache-2.0
// Options for the tests of RiskMath: named ones and seeded ones.

import RiskDomain
import RiskMath
import RiskSimulation

/// An option with its market, as the pricing functions take it.
struct OptionSample: Sendable {
    var terms: OptionTerms
    var model: OptionModel
    var spot: Double
    var volatility: Double
    var years: Double

    init(
        _ right: OptionTerms.Right, _ model: OptionModel = .blackScholesMerton, style: OptionTerms.Style = .european,
        spot: Double, strike: Double, rate: Double = 0, yield: Double = 0, volatility: Double, years: Double
    ) {
        self.terms = OptionTerms(
            right: right, style: style, strike: strike, expiry: CalendarDay(daysSince1970: 0), underlying: "ACME",
            volatility: nil, rate: rate, yield: yield)
        self.model = model
        self.spot = spot
        self.volatility = volatility
        self.years = years
    }

    /// Rates from −2 to 10 %, volatilities from 10 to 60 %, up to two years, the price within two deviations.
    init(seed: UInt64, style: OptionTerms.Style = .european) {
        var random = SplitMix64(seed: seed)
        let models: [OptionModel] = style == .european ? OptionModel.allCases : [.blackScholesMerton, .black76]
        let model = models[random.nextIndex(below: models.count)]
        let strike = 50 + 100 * random.nextUniform()
        let volatility = (0.1 + 0.5 * random.nextUniform()) * (model == .bachelier ? strike : 1)
        let years = 0.05 + 2 * random.nextUniform()
        let deviation = volatility * years.squareRoot() / (model == .bachelier ? strike : 1)
        self.init(
            random.nextIndex(below: 2) == 0 ? .call : .put, model, style: style,
            spot: strike * max(0.1, 1 + deviation * (4 * random.nextUniform() - 2)), strike: strike,
            rate: -0.02 + 0.12 * random.nextUniform(), yield: -0.02 + 0.1 * random.nextUniform(),
            volatility: volatility, years: years)
    }

    var value: Double {
        OptionPricing.value(
            terms: self.terms, model: self.model, spot: self.spot, volatility: self.volatility, years: self.years)
    }

    var greeks: OptionGreeks {
        OptionPricing.greeks(
            terms: self.terms, model: self.model, spot: self.spot, volatility: self.volatility, years: self.years)
    }

    func impliedVolatility(at price: Double) throws(ImpliedVolatilityError) -> Double {
        try ImpliedVolatility.solve(
            price: price, terms: self.terms, model: self.model, spot: self.spot, years: self.years)
    }

    func with(_ change: (inout OptionSample) -> Void) -> OptionSample {
        var copy = self
        change(&copy)
        return copy
    }
}
