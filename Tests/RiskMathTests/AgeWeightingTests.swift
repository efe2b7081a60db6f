// SPDX-License-Identifier: Apache-2.0
// Age-weighted historical simulation: the textbook example, and equal weights as the plain method.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct AgeWeightingTests {
    /// The six worst of a hundred returns in per cent, and how many days ago each came; the rest gain.
    static let textbook: [Double] = {
        var pnl = [Double](repeating: 1, count: 100)
        for (value, age) in [(-3.3, 3), (-2.9, 2), (-2.7, 65), (-2.5, 45), (-2.4, 5), (-2.3, 30)] {
            pnl[100 - age] = value
        }
        return pnl
    }()

    /// Allen, Boudoukh & Saunders (2004), chapter 2: λ = 0.98; 2.35 % by plain historical simulation, 2.63 % by the
    /// hybrid.
    @Test func interpolatedValueAtRiskIsTheTextbooks() {
        let plain = Quantiles.valueAtRisk(pnl: Self.textbook, confidenceBasisPoints: 9_500, definition: .hazen)
        #expect(isClose(plain, 2.35))
        let hybrid = AgeWeighting(decay: 0.98).valueAtRisk(
            pnl: Self.textbook, confidenceBasisPoints: 9_500, method: .interpolated)
        #expect((hybrid ?? 0) > 2.625 && (hybrid ?? 0) < 2.635)
    }

    /// Weights of the worst three: 0.0221, 0.0226, 0.0063, so 5 % is reached at the third.
    @Test func firstCrossingIsTheScenarioAtWhichWeightsReachTheTail() {
        let weighting = AgeWeighting(decay: 0.98)
        let value = { weighting.valueAtRisk(pnl: Self.textbook, confidenceBasisPoints: $0, method: .firstCrossing) }
        #expect(value(9_500) == 2.7 && value(9_600) == 2.9 && value(9_800) == 3.3)
    }

    @Test func weightsFallWithAgeAndSumToOne() {
        let weights = AgeWeighting(decay: 0.98).weights(count: 100)
        #expect(isClose(weights.reduce(0, +), 1))
        #expect(isClose(weights[97], 0.02 * 0.98 * 0.98 / 0.8673804441058))
        #expect(zip(weights, weights.dropFirst()).allSatisfy { isClose($0 / $1, 0.98) })
        #expect(AgeWeighting(decay: 0.5).weights(count: 3).map { $0 * 7 } == [1, 2, 4])
        #expect(AgeWeighting(decay: 1).weights(count: 4) == [0.25, 0.25, 0.25, 0.25])
        #expect(AgeWeighting(decay: 0.9).weights(count: 0).isEmpty)
    }

    /// Weights 1/7, 2/7, 4/7; a tail of a half takes 1/7 and 5/14 of the two worst.
    @Test func shortfallAveragesTheWorstThatWeighTheTail() {
        let weighting = AgeWeighting(decay: 0.5)
        let value = weighting.expectedShortfall(pnl: [-14, 3, -7], confidenceBasisPoints: 5_000)
        #expect(isClose(value, 2 * (14.0 / 7 + 7 * 5.0 / 14)))
        let gain = weighting.expectedShortfall(pnl: [14, -3, 7], confidenceBasisPoints: 5_000, tail: .gain)
        #expect(gain == value)
    }

    @Test(arguments: UInt64(1)...20)
    func equalWeightsGiveThePlainFigures(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pnl = (0..<(20 + random.nextIndex(below: 300))).map { _ in random.nextNormal() }
        let equal = AgeWeighting(decay: 1)
        for confidence in [1, 5_000, 9_000, 9_500, 9_900, 9_999] {
            for tail in Tail.allCases {
                let plain = { (definition: QuantileDefinition) in
                    Quantiles.valueAtRisk(
                        pnl: pnl, confidenceBasisPoints: confidence, definition: definition, tail: tail)
                }
                let crossed = equal.valueAtRisk(
                    pnl: pnl, confidenceBasisPoints: confidence, method: .firstCrossing, tail: tail)
                #expect(crossed == plain(.discrete), "seed \(seed) \(confidence)")
                let between = equal.valueAtRisk(
                    pnl: pnl, confidenceBasisPoints: confidence, method: .interpolated, tail: tail)
                let hazen = plain(.hazen)
                #expect(
                    hazen.map { isClose(between, $0) } ?? (between == nil), "seed \(seed) \(confidence) \(pnl.count)")
                let shortfall = equal.expectedShortfall(pnl: pnl, confidenceBasisPoints: confidence, tail: tail)
                let expected = ExpectedShortfall.value(pnl: pnl, confidenceBasisPoints: confidence, tail: tail)
                #expect(isClose(shortfall, expected ?? .nan), "seed \(seed) \(confidence)")
            }
        }
    }

    @Test func interpolationDoesNotReachBeyondTheOuterScenarios() {
        let weighting = AgeWeighting(decay: 0.5)
        let value = { weighting.valueAtRisk(pnl: [1, 2, 3], confidenceBasisPoints: $0, method: .interpolated) }
        #expect(value(9_900) == nil && value(100) == nil && value(5_000) != nil)
        for method in AgeWeighting.Method.allCases {
            #expect(weighting.valueAtRisk(pnl: [], confidenceBasisPoints: 9_900, method: method) == nil)
        }
        #expect(weighting.expectedShortfall(pnl: [], confidenceBasisPoints: 9_900) == nil)
    }
}
