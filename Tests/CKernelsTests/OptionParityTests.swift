// SPDX-License-Identifier: Apache-2.0
// Option values have the scalar tier's bits on every tier, nothing traps, and the limits are the analytic ones.
import CKernels
import CPlatform
import Testing

@Suite struct OptionParityTests {
    private static func tiers() throws -> [KernelCalls] {
        try KernelCalls.supportedTiers.map { try #require(KernelCalls($0)) }
    }

    @Test func optionValuesAgreeOnEveryTierForOptionsOfUse() throws {
        let tiers = try Self.tiers()
        for count in KernelSizes.all {
            for seed in UInt64(count * 10)..<UInt64(count * 10 + 10) {
                var values = SpecialValues(seed: seed, specialPercent: 0)
                let option = OptionCase(usual: &values, spots: count)
                try Self.expectAgreement(of: tiers, option, "\(count) prices, seed \(seed)")
            }
        }
    }

    @Test(arguments: [UInt64(5), 60]) func optionValuesAgreeOnEveryTierForSpecialNumbers(specialPercent: UInt64) throws
    {
        let tiers = try Self.tiers()
        for seed in UInt64(1)...3_000 {
            var values = SpecialValues(seed: seed, specialPercent: specialPercent)
            let option = OptionCase(special: &values, spots: 35)
            try Self.expectAgreement(of: tiers, option, "seed \(seed)")
        }
    }

    /// Compares the tiers, and the scalar tier with what is measured at each price: no negative value, one NaN only.
    private static func expectAgreement(of tiers: [KernelCalls], _ option: OptionCase, _ place: String) throws {
        func values(_ tier: KernelCalls) -> [Double] {
            tier.optionValues(
                option.terms, volatility: option.volatility, years: option.years, spots: option.spots)
        }
        let expected = values(tiers[0])
        for tier in tiers.dropFirst() {
            #expect(values(tier).bits == expected.bits, "\(tier.name), \(place)")
        }
        #expect(expected.allSatisfy { $0 >= 0 || $0.bitPattern == TR_ABSENT_BITS }, "\(place)")
        for (spot, value) in zip(option.spots, expected).prefix(4) {
            let greeks = option.terms.greeks(volatility: option.volatility, years: option.years, spot: spot)
            #expect(greeks.value.bitPattern == value.bitPattern, "\(place)")
            #expect(greeks.all.allSatisfy { !$0.isNaN || $0.bitPattern == TR_ABSENT_BITS }, "\(place)")
            #expect(!value.isNaN || greeks.all.allSatisfy(\.isNaN), "\(place)")
            _ = option.terms.implied(price: value, spot: spot, years: option.years)
        }
    }

    @Test(arguments: [TR_OPTION_BLACK_SCHOLES_MERTON, TR_OPTION_BLACK_76, TR_OPTION_BACHELIER], [false, true])
    func expiredOptionsAreWorthTheirIntrinsicValue(model: Int, american: Bool) throws {
        for tier in try Self.tiers() {
            for years in [0, -1.5] {
                let call = tr_option_terms(model, american: american, strike: 100, rate: 0.05, yield: 0.02)
                let put = tr_option_terms(model, put: true, american: american, strike: 100, rate: 0.05, yield: 0.02)
                let spots = [0, 50, 99.5, 100, 100.5, 1e9]
                let calls = tier.optionValues(call, volatility: 0.2, years: years, spots: spots)
                let puts = tier.optionValues(put, volatility: 0.2, years: years, spots: spots)
                #expect(calls == [0, 0, 0, 0, 0.5, 1e9 - 100], "\(tier.name)")
                #expect(puts == [100, 50, 0.5, 0, 0, 0], "\(tier.name)")
            }
        }
    }

    @Test func limitsOfPriceAndVolatilityAreTheAnalyticOnes() throws {
        for tier in try Self.tiers() {
            func value(_ terms: tr_option_terms, _ volatility: Double, _ spot: Double) -> Double {
                tier.optionValues(terms, volatility: volatility, years: 2, spots: [spot])[0]
            }
            let call = tr_option_terms(TR_OPTION_BLACK_SCHOLES_MERTON, strike: 100, rate: 0.05, yield: 0.02)
            let put = tr_option_terms(TR_OPTION_BLACK_SCHOLES_MERTON, put: true, strike: 100, rate: 0.05, yield: 0.02)
            let forwardCall = tr_option_terms(TR_OPTION_BACHELIER, strike: -3, rate: 0.05)
            let (strikePresent, yieldDiscount) = (100 * 0.904_837_418_035_959_6, 0.960_789_439_152_323_2)
            #expect(value(call, 0.2, 0) == 0 && abs(value(put, 0.2, 0) - strikePresent) < 1e-12)
            #expect(value(call, 0.2, .infinity) == .infinity && value(put, 0.2, .infinity) == 0)
            #expect(abs(value(call, 0, 110) - (110 * yieldDiscount - strikePresent)) < 1e-12)
            #expect(value(put, 0, 110) == 0)
            #expect(value(put, 0.2, 1e9) == 0 && value(call, 0.2, 1e-9) == 0)
            #expect(abs(value(call, 1e6, 100) - 100 * yieldDiscount) < 1e-12)
            #expect(abs(value(forwardCall, 0, -1) - 2 * 0.904_837_418_035_959_6) < 1e-14)
            #expect(value(forwardCall, 5, -1_000) == 0)
            #expect(value(call, 0.2, -1).isNaN && value(call, 0.2, .nan).isNaN && value(forwardCall, 5, .nan).isNaN)
            #expect(value(call, -0.2, 100).isNaN && value(call, .nan, 100).isNaN && value(call, .infinity, 100).isNaN)
        }
    }

    /// An American option is worth at least its European twin and its exercise, and is smooth where it is exercised.
    @Test func americanOptionsAreWorthAtLeastTheirTwinAndTheirExercise() throws {
        let scalar = try Self.tiers()[0]
        var exercised = 0
        for seed in UInt64(1)...2_000 {
            var values = SpecialValues(seed: seed, specialPercent: 0)
            var option = OptionCase(usual: &values, spots: 20)
            guard Int(option.terms.model) != TR_OPTION_BACHELIER else { continue }
            func worth(american: UInt8) -> [Double] {
                option.terms.is_american = american
                return scalar.optionValues(
                    option.terms, volatility: option.volatility, years: option.years, spots: option.spots)
            }
            let european = worth(american: 0)
            for (index, value) in worth(american: 1).enumerated() {
                let gain = option.spots[index] - option.terms.strike
                let exercise = option.terms.is_put == 1 ? -gain : gain
                let rounding = 1e-13 * option.terms.strike
                #expect(value >= european[index] - rounding && value >= exercise - rounding, "seed \(seed)")
                if value == exercise && european[index] < exercise { exercised += 1 }
            }
        }
        #expect(exercised > 100)
    }

    @Test func americanCallsWithoutYieldAreEuropean() throws {
        let scalar = try Self.tiers()[0]
        for yield in [0, -0.01] {
            let (american, european) = (true, false)
            let values = [american, european].map { style in
                scalar.optionValues(
                    tr_option_terms(
                        TR_OPTION_BLACK_SCHOLES_MERTON, american: style, strike: 100, rate: 0.04, yield: yield),
                    volatility: 0.3, years: 1, spots: [50, 90, 100, 110, 200])
            }
            #expect(values[0].bits == values[1].bits)
        }
    }
}
