// SPDX-License-Identifier: Apache-2.0
// The option kernels against the readable reference: two texts, one number.
import CKernels
import RiskDomain
import RiskMath
import Testing

@Suite struct OptionReferenceTests {
    private static let seeds = UInt64(1)...3_000

    private static func terms(_ terms: tr_option_terms) -> (OptionTerms, OptionModel) {
        (
            OptionTerms(
                right: terms.is_put == 1 ? .put : .call, style: terms.is_american == 1 ? .american : .european,
                strike: terms.strike, expiry: CalendarDay(daysSince1970: 0), underlying: "ACME", volatility: nil,
                rate: terms.rate, yield: terms.yield),
            OptionModel(rawValue: terms.model)!
        )
    }

    @Test func kernelValuesAreTheReferences() throws {
        let scalar = try #require(KernelCalls(KernelCalls.supportedTiers[0]))
        for seed in Self.seeds {
            var values = SpecialValues(seed: seed, specialPercent: 0)
            let option = OptionCase(usual: &values, spots: 20)
            let (terms, model) = Self.terms(option.terms)
            let found = scalar.optionValues(
                option.terms, volatility: option.volatility, years: option.years, spots: option.spots)
            for (spot, value) in zip(option.spots, found) {
                let expected = OptionPricing.value(
                    terms: terms, model: model, spot: spot, volatility: option.volatility, years: option.years)
                #expect(abs(value - expected) < 1e-12 * terms.strike, "seed \(seed), \(terms) at \(spot)")
            }
        }
    }

    /// Strike 100, from the middle of the distribution to 22 deviations out of the money, by the closed formulas with
    /// 60 digits (mpmath 1.3). What is not exact here is the deviation, whose rounding counts times its square.
    @Test(arguments: [
        (OptionModel.blackScholesMerton, false, 99.0, 0.02, 0, 0.125, 1.0, 5.4148655150583134),
        (.blackScholesMerton, false, 73.0, 0.02, 0.01, 0.125, 1.0, 0.025492667825637326),
        (.blackScholesMerton, false, 53.0, 0.02, 0.01, 0.0625, 1.0, 3.4158847068300268e-24),
        (.blackScholesMerton, true, 190.0, 0.02, 0.01, 0.0625, 1.0, 7.2523592935216855e-26),
        (.black76, true, 137.0, 0.05, 0, 0.25, 0.25, 0.027297541209081584),
        (.black76, false, 71.0, 0.05, 0, 0.03125, 0.25, 5.0139136307610119e-108),
        (.black76, true, 141.0, 0, 0, 0.015625, 1.0, 1.5168484333278499e-108),
        (.bachelier, false, -20.0, 0.05, 0, 25, 0.25, 5.0341252803339112e-22),
        (.bachelier, true, 190.0, 0.05, 0, 10, 0.25, 2.6559607199980305e-73),
        (.bachelier, false, 100.0, 0.05, 0, 10, 0.25, 1.9699326990143009),
    ])
    func tailsKeepTheirRelativePrecision(
        model: OptionModel, isPut: Bool, spot: Double, rate: Double, yield: Double, volatility: Double, years: Double,
        expected: Double
    ) {
        let terms = tr_option_terms(Int(model.rawValue), put: isPut, strike: 100, rate: rate, yield: yield)
        let value = terms.greeks(volatility: volatility, years: years, spot: spot).value
        #expect(abs(value / expected - 1) < 4e-13)
    }

    /// Differences of American values divide their rounding by the step, so they agree to fewer digits.
    @Test func kernelGreeksAreTheReferences() {
        for seed in Self.seeds {
            var values = SpecialValues(seed: seed, specialPercent: 0)
            let option = OptionCase(usual: &values, spots: 2)
            let (terms, model) = Self.terms(option.terms)
            for spot in option.spots {
                let found = option.terms.greeks(volatility: option.volatility, years: option.years, spot: spot)
                let expected = OptionPricing.greeks(
                    terms: terms, model: model, spot: spot, volatility: option.volatility, years: option.years)
                let place = "seed \(seed), \(terms) at \(spot)"
                let isAmerican = terms.style == .american
                let size = terms.strike * (1 + 1 / option.volatility) * (isAmerican ? 1e-8 : 1e-12)
                #expect(abs(found.delta - expected.delta) < 1e-11, "\(place)")
                #expect(abs(found.gamma - expected.gamma) < 1e-11 * (1 + expected.gamma), "\(place)")
                #expect(abs(found.vega - expected.vega) < size, "\(place)")
                #expect(abs(found.theta - expected.theta) < size * (1 + 1 / option.years), "\(place)")
                #expect(abs(found.rho - expected.rho) < size * (1 + option.years), "\(place)")
            }
        }
    }

    @Test func kernelAndReferenceImplyTheSameVolatility() throws {
        var answers: Set<Int> = []
        for seed in UInt64(1)...600 {
            var values = SpecialValues(seed: seed, specialPercent: 0)
            let option = OptionCase(usual: &values, spots: 1)
            let (terms, model) = Self.terms(option.terms)
            let (spot, years) = (option.spots[0], seed % 20 == 0 ? 0 : option.years)
            let greeks = option.terms.greeks(volatility: option.volatility, years: years, spot: spot)
            // Some prices of the model, some too low and some too high.
            let price = greeks.value * [1, 1, 1, 0.5, 30][Int(seed % 5)] + (seed % 17 == 0 ? .nan : 0)
            let found = option.terms.implied(price: price, spot: spot, years: years)
            answers.insert(found.answer)
            do {
                let expected = try ImpliedVolatility.solve(
                    price: price, terms: terms, model: model, spot: spot, years: years)
                #expect(found.answer == TR_IMPLIED_OK, "seed \(seed)")
                guard greeks.vega * option.volatility > 1e-4 * terms.strike, seed % 5 < 3 else { continue }
                #expect(abs(found.volatility - expected) < 1e-10 * expected, "seed \(seed)")
                #expect(abs(found.volatility - option.volatility) < 1e-10 * option.volatility, "seed \(seed)")
            } catch {
                #expect(found.answer == Self.code(of: error), "seed \(seed), \(error)")
            }
        }
        #expect(
            answers == [
                TR_IMPLIED_OK, TR_IMPLIED_EXPIRED, TR_IMPLIED_BELOW_INTRINSIC, TR_IMPLIED_ABOVE_BOUND,
                TR_IMPLIED_NOT_FINITE,
            ])
    }

    private static func code(of error: ImpliedVolatilityError) -> Int {
        switch error {
        case .expired: TR_IMPLIED_EXPIRED
        case .belowIntrinsic: TR_IMPLIED_BELOW_INTRINSIC
        case .aboveBound: TR_IMPLIED_ABOVE_BOUND
        case .notFinite: TR_IMPLIED_NOT_FINITE
        case .noSolution: TR_IMPLIED_NO_SOLUTION
        }
    }
}
