// SPDX-License-Identifier: Apache-2.0
// The volatility an option's price implies: round trips where the price tells it, typed errors where it cannot.

import RiskDomain
import RiskMath
import Testing

@Suite struct ImpliedVolatilityTests {
    /// A price is known to about 10⁻¹⁵ of the underlying, so a volatility to that over its vega.
    @Test(arguments: OptionTerms.Style.allCases) func roundTripsFindTheVolatility(style: OptionTerms.Style) throws {
        for seed in UInt64(1)...500 {
            let option = OptionSample(seed: seed, style: style)
            let greeks = option.greeks
            let size = option.spot + option.terms.strike
            // In the exercise region every small volatility gives the same price.
            guard greeks.vega * option.volatility > 1e-4 * size else { continue }
            let found = try option.impliedVolatility(at: greeks.value)
            #expect(abs(found - option.volatility) < 1e-10 * option.volatility, "seed \(seed)")
        }
    }

    /// Far out of the money a price is tiny and still tells its volatility.
    @Test(arguments: OptionModel.allCases) func tinyPricesTellTheirVolatility(model: OptionModel) throws {
        let option = OptionSample(
            .call, model, spot: 60, strike: 100, rate: 0.02, volatility: model == .bachelier ? 6 : 0.1, years: 1)
        #expect((1e-14...1e-6).contains(option.value))
        #expect(abs(try option.impliedVolatility(at: option.value) - option.volatility) < 1e-10 * option.volatility)
    }

    @Test func theValueWithoutVolatilityImpliesNone() throws {
        let call = OptionSample(.call, spot: 110, strike: 100, rate: 0.05, volatility: 0, years: 1)
        #expect(try call.impliedVolatility(at: call.value) == 0)
        #expect(try call.with { $0.spot = 50 }.impliedVolatility(at: 0) == 0)
    }

    /// Without volatility an American option is its exercise or its European twin, with next to none the approximation
    /// has the premium of a moving forward too.
    @Test func aPriceTheApproximationStepsOverHasNoSolution() {
        let put = OptionSample(
            .put, style: .american, spot: 83, strike: 100, rate: 0.046, yield: 0.4, volatility: 0, years: 9.7)
        let step = (put.value, put.with { $0.volatility = 1e-6 }.value)
        #expect(step.1 > step.0 + 1)
        #expect(throws: ImpliedVolatilityError.noSolution) {
            try put.impliedVolatility(at: (step.0 + step.1) / 2)
        }
    }

    @Test func pricesOutsideTheBoundsAreTypedErrors() {
        let call = OptionSample(.call, spot: 110, strike: 100, volatility: 0.2, years: 1)
        let put = call.with { $0.terms.right = .put }
        #expect(throws: ImpliedVolatilityError.belowIntrinsic(price: 9, intrinsic: 10)) {
            try call.impliedVolatility(at: 9)
        }
        #expect(throws: ImpliedVolatilityError.aboveBound(price: 110, bound: 110)) {
            try call.impliedVolatility(at: 110)
        }
        #expect(throws: ImpliedVolatilityError.aboveBound(price: 101, bound: 100)) {
            try put.impliedVolatility(at: 101)
        }
        #expect(throws: ImpliedVolatilityError.expired) { try call.with { $0.years = 0 }.impliedVolatility(at: 12) }
        for broken in [call.with { $0.spot = -1 }, call.with { $0.terms.rate = .infinity }] {
            #expect(throws: ImpliedVolatilityError.notFinite) { try broken.impliedVolatility(at: 12) }
        }
        #expect(throws: ImpliedVolatilityError.notFinite) { try call.impliedVolatility(at: .nan) }
    }
}
