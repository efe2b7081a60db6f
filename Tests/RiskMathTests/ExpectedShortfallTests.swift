// SPDX-License-Identifier: Apache-2.0
// Expected shortfall against tails averaged by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct ExpectedShortfallTests {
    /// Of −50 … 49: Nα = 5; 1; 2.5 with (50 + 49 + 48/2)/2.5; 50; 99.99 with (99 − 0.99·49)/99.99.
    @Test(arguments: [(9_500, 48.0), (9_900, 50.0), (9_750, 49.2), (5_000, 25.5), (1, 50.49 / 99.99)])
    func tailIsAveragedWithTheBrokenPartOfItsCount(confidence: Int, expected: Double) {
        #expect(
            isClose(
                ExpectedShortfall.value(pnl: QuantilesTests.hundred, confidenceBasisPoints: confidence), expected))
    }

    @Test func tailOfLessThanOneScenarioIsTheWorstOne() {
        #expect(isClose(ExpectedShortfall.value(pnl: [3, -7, 1], confidenceBasisPoints: 9_900), 7))
    }

    @Test func meanOfFiveOfFiveHundredIsNotDisturbedByFloatingPoint() {
        let pnl = (0..<500).map { Double($0 - 400) }
        #expect(ExpectedShortfall.value(pnl: pnl, confidenceBasisPoints: 9_900) == 398)
    }

    @Test func gainsInTheTailAreNegative() {
        #expect(isClose(ExpectedShortfall.value(pnl: [1, 2, 3, 4], confidenceBasisPoints: 5_000), -1.5))
    }

    /// Of −50 … 49 at 97.5 %: k = 3, (50 + 49 + 48)/3; at 98.99 %: k = 2.
    @Test(arguments: [(9_500, 48.0), (9_750, 49), (9_899, 49.5), (9_900, 50), (9_999, 50)])
    func tailMeanAveragesWholeScenariosUpToTheDiscreteQuantile(confidence: Int, expected: Double) {
        let value = ExpectedShortfall.value(
            pnl: QuantilesTests.hundred, confidenceBasisPoints: confidence, definition: .tailMean)
        #expect(value == expected)
    }

    /// Of −50 … 49 the five greatest are 45 … 49.
    @Test(arguments: ShortfallDefinition.allCases)
    func gainTailAveragesTheOtherEnd(definition: ShortfallDefinition) {
        let values = ExpectedShortfall.values(
            pnl: QuantilesTests.hundred, confidencesBasisPoints: [9_500, 9_900], definition: definition, tail: .gain)
        #expect(values == [9_500: 47, 9_900: 49])
    }

    @Test func noScenariosHaveNoExpectedShortfall() {
        #expect(ExpectedShortfall.value(pnl: [], confidenceBasisPoints: 9_900) == nil)
    }

    @Test func nothingAtRiskIsPositiveZero() {
        for zero in [0.0, -0.0] {
            let value = ExpectedShortfall.value(pnl: [zero, zero], confidenceBasisPoints: 9_000)
            #expect(value == 0 && value?.sign == .plus)
        }
    }
}
