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

    static let eleven = [-412.75, 133.5, -87.25, 0, -950.125, 61, 77.375, -12.5, 240, -333.3125, 18.0625]

    /// Written by: -np.quantile(x, (10000 - c) / 10000, method=m) over the same eleven, numpy 2.4; m is inverted_cdf
    /// for discrete, and else the name of the definition.
    @Test(arguments: [
        (QuantileDefinition.discrete, [5_000: 0, 7_500: 333.3125, 9_000: 412.75, 9_200: 950.125, 2_500: -77.375]),
        (
            .hazen,
            [
                5_000: 0, 7_500: 271.796875, 8_000: 357.14375, 9_000: 627.7, 9_200: 745.9225, 9_500: 923.25625,
                900: -187.815,
            ]
        ),
        (.weibull, [5_000: 0, 7_500: 333.3125, 8_000: 380.975, 9_000: 842.65, 2_500: -77.375, 900: -231.48]),
        (.linear, [5_000: 0, 7_500: 210.28125, 8_000: 333.3125, 9_200: 520.225, 2_500: -69.1875, 900: -144.15]),
    ])
    func definitionsAreNumpysOfElevenValues(definition: QuantileDefinition, expected: [Int: Double]) {
        for (confidence, value) in expected {
            let found = Quantiles.valueAtRisk(
                pnl: Self.eleven, confidenceBasisPoints: confidence, definition: definition)
            #expect(isClose(found, value), "\(confidence)")
        }
    }

    /// Written by the same command over [((i * 7919 + 13) % 1009 - 504) / 8 for i in range(500)].
    @Test(arguments: [
        (QuantileDefinition.discrete, [9_500: 57.0, 9_750: 60.125, 9_900: 61.875]),
        (.hazen, [9_500: 56.8125, 9_750: 60.125, 9_900: 61.8125, 9_990: 62.875]),
        (.weibull, [9_500: 56.98125, 9_750: 60.184375, 9_900: 61.87375]),
    ])
    func definitionsAreNumpysOfFiveHundredValues(definition: QuantileDefinition, expected: [Int: Double]) {
        let pnl = (0..<500).map { Double(($0 * 7_919 + 13) % 1_009 - 504) / 8 }
        let found = Quantiles.valuesAtRisk(
            pnl: pnl, confidencesBasisPoints: expected.keys.sorted(), definition: definition)
        #expect(found.count == expected.count)
        for (confidence, value) in expected { #expect(isClose(found[confidence], value), "\(confidence)") }
    }

    /// PERCENTILE({1,2,3,4}, 0.3) of spreadsheets.
    @Test func linearQuantileIsTheSpreadsheetPercentile() {
        #expect(
            isClose(Quantiles.valueAtRisk(pnl: [1, 2, 3, 4], confidenceBasisPoints: 7_000, definition: .linear), -1.9))
    }

    /// The lowest 0.3 % of 500 by hazen: 500·α + ½ = 2. The lowest 90 % of nine by weibull: 10·α = 9.
    @Test func aLevelThatFallsOnAValueIsThatValue() throws {
        let position = try #require(
            QuantilePosition(confidenceBasisPoints: 9_970, count: 500, definition: .hazen))
        #expect(position.rank == 2 && position.weight == 0)
        let last = try #require(QuantilePosition(confidenceBasisPoints: 1_000, count: 9, definition: .weibull))
        #expect(last.rank == 9 && last.weight == 0)
    }

    @Test(arguments: [
        (9_900, 50, QuantileDefinition.hazen, true), (9_900, 49, .hazen, false), (100, 50, .hazen, true),
        (99, 50, .hazen, false), (9_900, 99, .weibull, true), (9_900, 98, .weibull, false), (100, 99, .weibull, true),
        (99, 99, .weibull, false), (9_999, 1, .discrete, true), (1, 1, .linear, true), (9_900, 0, .discrete, false),
    ])
    func levelsBeyondTheOuterValuesHaveNone(
        confidence: Int, count: Int, definition: QuantileDefinition, isInSample: Bool
    ) {
        #expect(
            Quantiles.isInSample(confidenceBasisPoints: confidence, count: count, definition: definition) == isInSample)
        let value = Quantiles.valueAtRisk(
            pnl: (0..<count).map(Double.init), confidenceBasisPoints: confidence, definition: definition)
        #expect((value != nil) == isInSample)
    }

    /// Of −50 … 49 the five greatest are 45 … 49.
    @Test func gainTailIsTheQuantileOfTheOtherEnd() {
        let gain = Quantiles.valueAtRisk(
            pnl: Self.hundred, confidenceBasisPoints: 9_500, definition: .discrete, tail: .gain)
        #expect(gain == 45)
    }

    @Test(arguments: QuantileDefinition.allCases)
    func noScenariosHaveNoValueAtRisk(definition: QuantileDefinition) {
        #expect(Quantiles.valueAtRisk(pnl: [], confidenceBasisPoints: 9_900, definition: definition) == nil)
    }

    @Test(arguments: QuantileDefinition.allCases)
    func nothingAtRiskIsPositiveZero(definition: QuantileDefinition) {
        for zero in [0.0, -0.0] {
            let value = Quantiles.valueAtRisk(pnl: [zero, zero], confidenceBasisPoints: 5_000, definition: definition)
            #expect(value == 0 && value?.sign == .plus)
        }
    }
}
