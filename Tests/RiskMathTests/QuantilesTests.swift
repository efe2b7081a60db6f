// SPDX-License-Identifier: Apache-2.0
// Value-at-Risk against ranks counted by hand and percentiles computed by numpy.

import RiskDomain
import RiskMath
import Testing

@Suite struct QuantilesTests {
    /// −50 … 49, not in order.
    static let hundred = (0..<100).map { Double(($0 * 37) % 100 - 50) }

    @Test(arguments: [
        (9_500, 100, 5), (9_900, 100, 1), (9_901, 100, 1), (9_899, 100, 2), (9_750, 500, 13), (9_900, 500, 5),
        (9_900, 250, 3), (9_999, 7, 1), (1, 7, 7), (5_000, 2, 1),
    ])
    func rankIsTheCeilingOfTheTailCountInIntegers(confidence: Int, count: Int, rank: Int) {
        #expect(Quantiles.rank(of: confidence, count: count) == rank)
    }

    @Test(arguments: [(9_500, 46.0), (9_900, 50), (9_899, 49), (5_000, 1), (100, -48)])
    func discreteValueAtRiskIsAnObservedScenario(confidence: Int, expected: Double) {
        let value = Quantiles.valueAtRisk(
            pnl: Self.hundred, confidenceBasisPoints: confidence, definition: .discrete)
        #expect(value == expected)
    }

    /// Written by: python3 -c "import numpy as np; x = [...]; print(-np.percentile(x, (10000 - c) / 100))", numpy 2.4.
    @Test(arguments: [
        (9_000, 412.75), (9_500, 681.4375), (9_750, 815.78125), (9_900, 896.3875), (9_999, 949.587625),
        (1, -239.89349999999988),
    ])
    func linearValueAtRiskIsNumpysDefaultPercentileOfElevenValues(confidence: Int, expected: Double) {
        let pnl = [-412.75, 133.5, -87.25, 0, -950.125, 61, 77.375, -12.5, 240, -333.3125, 18.0625]
        #expect(Quantiles.valueAtRisk(pnl: pnl, confidenceBasisPoints: confidence, definition: .linear) == expected)
    }

    /// Written by the same command over [((i * 7919 + 13) % 1009 - 504) / 8 for i in range(500)].
    @Test(arguments: [(9_500, 56.64375), (9_750, 59.946875), (9_900, 61.75125)])
    func linearValueAtRiskIsNumpysDefaultPercentileOfFiveHundredValues(confidence: Int, expected: Double) {
        let pnl = (0..<500).map { Double(($0 * 7_919 + 13) % 1_009 - 504) / 8 }
        #expect(Quantiles.valueAtRisk(pnl: pnl, confidenceBasisPoints: confidence, definition: .linear) == expected)
    }

    @Test func linearValueAtRiskOfOneAndTwoValuesIsNumpys() {
        #expect(Quantiles.valueAtRisk(pnl: [4.5], confidenceBasisPoints: 9_900, definition: .linear) == -4.5)
        #expect(Quantiles.valueAtRisk(pnl: [7, -3], confidenceBasisPoints: 9_900, definition: .linear) == 2.9)
    }

    @Test(arguments: QuantileDefinition.allCases)
    func noScenariosHaveNoValueAtRisk(definition: QuantileDefinition) {
        #expect(Quantiles.valueAtRisk(pnl: [], confidenceBasisPoints: 9_900, definition: definition) == nil)
    }

    @Test(arguments: QuantileDefinition.allCases)
    func nothingAtRiskIsPositiveZero(definition: QuantileDefinition) {
        for zero in [0.0, -0.0] {
            let value = Quantiles.valueAtRisk(pnl: [zero, zero], confidenceBasisPoints: 9_900, definition: definition)
            #expect(value == 0 && value?.sign == .plus)
        }
    }
}
