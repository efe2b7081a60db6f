// SPDX-License-Identifier: Apache-2.0
// Option values and greeks against published numbers and numbers of other programs.

import RiskDomain
import RiskMath
import Testing

@Suite struct OptionPricingTests {
    /// Hull, "Options, Futures, and Other Derivatives", chapter on the Black-Scholes-Merton model, with more digits.
    @Test func hullsCallAndPutAreReproduced() {
        let call = OptionSample(.call, spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5)
        let put = call.with { $0.terms.right = .put }
        #expect(abs(call.value - 4.759422) < 5e-7)
        #expect(abs(put.value - 0.808599) < 5e-7)
    }

    /// Hull, chapter on the greek letters: 20 weeks.
    @Test func hullsGreeksAreReproduced() {
        let greeks = OptionSample(.call, spot: 49, strike: 50, rate: 0.05, volatility: 0.2, years: 0.3846).greeks
        #expect(abs(greeks.delta - 0.521602) < 1e-6)
        #expect(abs(greeks.gamma - 0.065545) < 1e-6)
        #expect(abs(greeks.vega - 12.105243) < 1e-6)
        #expect(abs(greeks.theta + 4.305) < 1e-3 && abs(greeks.thetaPerDay + 0.0118) < 1e-4)
        #expect(abs(greeks.rho - 8.907) < 1e-3)
        #expect(greeks.vegaPerPoint == greeks.vega / 100 && greeks.rhoPerBasisPoint == greeks.rho / 10_000)
    }

    /// Hull, chapter on options on futures.
    @Test func hullsFuturesPutIsReproduced() {
        let put = OptionSample(.put, .black76, spot: 20, strike: 20, rate: 0.09, volatility: 0.25, years: 4.0 / 12)
        #expect(abs(put.value - 1.116641) < 5e-7)
    }

    /// At the money a Bachelier option is worth its discounted deviation over √(2π), whatever the sign of the price.
    @Test(arguments: [-37.5, 0, 20], OptionTerms.Right.allCases)
    func bachelierAtTheMoneyIsTheDeviationOverRootTwoPi(price: Double, right: OptionTerms.Right) {
        let option = OptionSample(
            right, .bachelier, spot: price, strike: price, rate: 0.03, volatility: 12, years: 0.25)
        // 6/√(2π)·e^(−0.0075)
        #expect(abs(option.value - 2.393_653_682_408_596 * 0.992_528_054_819_136_4) < 1e-14)
        #expect(abs(option.greeks.delta - (right == .call ? 1 : -1) * 0.496_264_027_409_568_2) < 1e-15)
    }

    /// American options on futures, strike 100 and rate 10 %, at forwards 90, 100 and 110: the formulas of Barone-Adesi
    /// & Whaley (1987) with 30 digits (mpmath 1.3). QuantLib 1.44 stops its critical price at 10⁻⁶ and agrees to that.
    @Test(arguments: [
        (OptionTerms.Right.call, 0.1, 0.15, [0.020635595452327237, 1.8769206870143383, 10.006060055259993]),
        (.call, 0.1, 0.35, [0.94947032428021163, 4.3776690244502525, 11.167849955616071]),
        (.call, 0.5, 0.15, [0.82082167280674443, 4.0841168225627472, 10.808526298407726]),
        (.call, 0.5, 0.35, [5.0061582149964117, 9.5103068416217404, 15.568426202273144]),
        (.put, 0.1, 0.15, [10, 1.8769206870143383, 0.040996206421334145]),
        (.put, 0.1, 0.35, [10.878500082964769, 4.3776690244502525, 1.2402083287779259]),
        (.put, 0.5, 0.15, [10.559212881055853, 4.0841168225627472, 1.0822023758960794]),
        (.put, 0.5, 0.35, [14.694319178525898, 9.5103068416217404, 5.8821897566105]),
    ])
    func americanFuturesOptionsAreThoseOfTheFormulasWithThirtyDigits(
        right: OptionTerms.Right, years: Double, volatility: Double, expected: [Double]
    ) {
        for (forward, expected) in zip([90.0, 100, 110], expected) {
            let option = OptionSample(
                right, .black76, style: .american, spot: forward, strike: 100, rate: 0.1, volatility: volatility,
                years: years)
            #expect(abs(option.value - expected) < 1e-11, "\(forward)")
        }
    }

    /// The same on spots with a yield.
    @Test(arguments: [
        (OptionTerms.Right.call, 42.0, 40.0, 0.08, 0.04, 0.35, 0.75, 6.4340782943571937),
        (.put, 95, 100, 0.05, 0.03, 0.25, 0.5, 9.039292586826954),
        (.call, 105, 100, 0.03, 0.07, 0.3, 0.25, 8.3524733007490329),
        (.put, 85, 100, 0.08, 0, 0.2, 1, 15),
    ])
    func americanOptionsOnSpotsAreThoseOfTheFormulasWithThirtyDigits(
        right: OptionTerms.Right, spot: Double, strike: Double, rate: Double, yield: Double, volatility: Double,
        years: Double, expected: Double
    ) {
        let option = OptionSample(
            right, style: .american, spot: spot, strike: strike, rate: rate, yield: yield, volatility: volatility,
            years: years)
        #expect(abs(option.value - expected) < 1e-11)
    }

    /// Barone-Adesi & Whaley as Haug tabulates them (4 digits; his critical prices are coarser, so within 0.003).
    @Test(arguments: [(90.0, 0.0206), (100, 1.8771), (110, 10.0089)])
    func haugsTableOfAmericanFuturesOptionsIsNear(forward: Double, expected: Double) {
        let option = OptionSample(
            .call, .black76, style: .american, spot: forward, strike: 100, rate: 0.1, volatility: 0.15, years: 0.1)
        #expect(abs(option.value - expected) < 0.003)
    }

    @Test(arguments: OptionModel.allCases, OptionTerms.Style.allCases)
    func expiredOptionsAreWorthTheirIntrinsicValueAndHaveADeltaOnly(model: OptionModel, style: OptionTerms.Style) {
        for years in [0, -0.5] {
            let call = OptionSample(
                .call, model, style: style, spot: 103, strike: 100, rate: 0.05, yield: 0.02, volatility: 0.2,
                years: years)
            let put = call.with { $0.terms.right = .put }
            #expect(call.greeks == OptionGreeks(value: 3, delta: 1, gamma: 0, vega: 0, theta: 0, rho: 0))
            #expect(put.greeks == OptionGreeks(value: 0, delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0))
            #expect(call.value == 3 && put.value == 0)
        }
    }

    @Test func whatHasNoValueIsNotANumber() {
        let call = OptionSample(.call, spot: 100, strike: 100, volatility: 0.2, years: 1)
        let broken = [
            call.with { $0.spot = -1 }, call.with { $0.spot = .nan }, call.with { $0.volatility = -0.1 },
            call.with { $0.years = .infinity }, call.with { $0.terms.rate = .nan }, call.with { $0.terms.strike = -1 },
        ]
        for option in broken {
            #expect(option.value.isNaN && option.greeks.value.isNaN && option.greeks.delta.isNaN)
        }
        #expect(call.with { $0.model = .bachelier }.with { $0.spot = -1 }.value >= 0)
    }
}
