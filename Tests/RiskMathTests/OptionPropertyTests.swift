// SPDX-License-Identifier: Apache-2.0
// What must hold for every option, over seeded ones.

import Glibc
import RiskDomain
import RiskMath
import Testing

@Suite struct OptionPropertyTests {
    private static let seeds = UInt64(1)...2_000

    @Test func callMinusPutIsTheDiscountedForwardMinusTheStrike() {
        for seed in Self.seeds {
            let call = OptionSample(seed: seed).with { $0.terms.right = .call }
            let put = call.with { $0.terms.right = .put }
            let yield = call.model == .blackScholesMerton ? call.terms.yield : call.terms.rate
            let parity = call.spot * exp(-yield * call.years) - call.terms.strike * exp(-call.terms.rate * call.years)
            #expect(abs(call.value - put.value - parity) < 1e-13 * (call.spot + call.terms.strike), "seed \(seed)")
            #expect(abs(call.greeks.gamma - put.greeks.gamma) < 1e-15, "seed \(seed)")
            #expect(call.greeks.vega == put.greeks.vega, "seed \(seed)")
        }
    }

    /// θ + ½σ²S²Γ + (r − y)SΔ − rV = 0; under Bachelier σ²Γ stands for σ²S²Γ, and a forward has no carry.
    @Test func europeanGreeksSolveTheDifferentialEquation() {
        for seed in Self.seeds {
            let option = OptionSample(seed: seed)
            let greeks = option.greeks
            let diffusion = option.volatility * (option.model == .bachelier ? 1 : option.spot)
            let carry = option.model == .blackScholesMerton ? option.terms.rate - option.terms.yield : 0
            let residual =
                greeks.theta + diffusion * diffusion * greeks.gamma / 2 + carry * option.spot * greeks.delta
                - option.terms.rate * greeks.value
            #expect(abs(residual) < 1e-12 * (option.spot + option.terms.strike), "seed \(seed)")
        }
    }

    @Test func europeanGreeksAreTheDerivativesOfTheValue() {
        for seed in Self.seeds {
            let option = OptionSample(seed: seed)
            let greeks = option.greeks
            func slope(_ step: Double, _ change: (inout OptionSample, Double) -> Void) -> Double {
                let (up, down) = (option.with { change(&$0, step) }, option.with { change(&$0, -step) })
                return (up.value - down.value) / (2 * step)
            }
            let size = option.spot + option.terms.strike
            #expect(greeks.value == option.value, "seed \(seed)")
            #expect(abs(slope(1e-4 * size) { $0.spot += $1 } - greeks.delta) < 1e-4, "seed \(seed)")
            let spotStep = 1e-3 * option.terms.strike
            let bend =
                (option.with { $0.spot += spotStep }.value + option.with { $0.spot -= spotStep }.value
                    - 2 * option.value) / (spotStep * spotStep)
            #expect(abs(bend - greeks.gamma) < 1e-3 * greeks.gamma + 1e-6, "seed \(seed)")
            let vega = slope(1e-4 * option.volatility) { $0.volatility += $1 }
            #expect(abs(vega - greeks.vega) < 1e-6 * size, "seed \(seed)")
            let theta = -slope(1e-4 * option.years) { $0.years += $1 }
            #expect(abs(theta - greeks.theta) < 1e-5 * size, "seed \(seed)")
            #expect(abs(slope(1e-5) { $0.terms.rate += $1 } - greeks.rho) < 1e-6 * size, "seed \(seed)")
        }
    }

    @Test func americanOptionsAreWorthAtLeastTheirTwinAndTheirExercise() {
        for seed in Self.seeds {
            let american = OptionSample(seed: seed, style: .american)
            let european = american.with { $0.terms.style = .european }
            let gain = american.spot - american.terms.strike
            let exercise = american.terms.right == .call ? gain : -gain
            let rounding = 1e-13 * american.terms.strike
            #expect(american.value >= max(european.value, exercise) - rounding, "seed \(seed)")
        }
    }

    /// The value and the delta have no step at the critical price: it is where the two branches touch.
    @Test(arguments: OptionTerms.Right.allCases) func americanValueIsSmoothAtTheCriticalPrice(right: OptionTerms.Right)
    {
        let option = OptionSample(
            right, .black76, style: .american, spot: 100, strike: 100, rate: 0.1, volatility: 0.15, years: 0.1)
        let critical = right == .call ? 110.96379651052499 : 90.119483241108223
        let sign: Double = right == .call ? 1 : -1
        let held = option.with { $0.spot = critical - sign * 1e-4 }
        let exercised = option.with { $0.spot = critical + sign * 1e-4 }
        #expect(abs(held.value - sign * (held.spot - 100)) < 1e-8)
        #expect(exercised.value == sign * (exercised.spot - 100))
        #expect(abs(held.greeks.delta - sign) < 1e-4 && exercised.greeks.delta == sign)
        #expect(held.greeks.gamma > 0 && exercised.greeks.gamma == 0)
    }

    /// Delta and gamma of an American option are derivatives of the approximation, not only near it.
    @Test func americanDeltaAndGammaAreTheDerivativesOfTheValue() {
        for seed in Self.seeds {
            let option = OptionSample(seed: seed, style: .american)
            let greeks = option.greeks
            let step = 1e-4 * option.spot
            let (up, down) = (option.with { $0.spot += step }, option.with { $0.spot -= step })
            // Across the critical price the curvature steps.
            guard (up.greeks.gamma > 0) == (down.greeks.gamma > 0) else { continue }
            #expect(abs((up.value - down.value) / (2 * step) - greeks.delta) < 1e-5, "seed \(seed)")
            let bend = (up.value + down.value - 2 * option.value) / (step * step)
            #expect(abs(bend - greeks.gamma) < 1e-4 * greeks.gamma + 1e-7, "seed \(seed)")
        }
    }
}
