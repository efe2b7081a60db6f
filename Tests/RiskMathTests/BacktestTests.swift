// SPDX-License-Identifier: Apache-2.0
// Backtests against published statistics and against series counted by hand.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct BacktestTests {
    @Test func onlyALossStrictlyGreaterThanValueAtRiskIsAnException() {
        let backtest = Backtest(
            pnl: [-10, -10.5, 12, -9, -11], valueAtRisk: [10, 10, 10, 10, 10], confidenceBasisPoints: 9_900)
        #expect(backtest.exceptions == [1, 4] && backtest.observations == 5)
        let gaining = Backtest(pnl: [1, 3], valueAtRisk: [-2, -2], confidenceBasisPoints: 9_900)
        #expect(gaining.exceptions == [0])
    }

    /// Basel Committee 1996, table 2: zones, add-ons and cumulative probabilities of 250 days at 99 %.
    @Test func trafficLightIsTheCommitteesTable() {
        let lights = (0...12).map { TrafficLight(exceptions: $0, observations: 250, confidenceBasisPoints: 9_900) }
        #expect(lights.map(\.zone) == (0...12).map { $0 < 5 ? .green : $0 < 10 ? .yellow : .red })
        #expect(lights.map(\.multiplierAddOn) == [0, 0, 0, 0, 0, 0.40, 0.50, 0.65, 0.75, 0.85, 1, 1, 1])
        let printed = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99]
        for (light, percent) in zip(lights, printed) {
            #expect((light.cumulativeProbability * 100 - percent).magnitude <= 0.005 + 1e-9)
        }
    }

    @Test func otherSamplesHaveZonesAndNoAddOnInYellow() {
        let year = TrafficLight(exceptions: 20, observations: 250, confidenceBasisPoints: 9_500)
        #expect(year.zone == .yellow && year.multiplierAddOn == nil)
        let short = TrafficLight(exceptions: 0, observations: 3, confidenceBasisPoints: 9_900)
        #expect(short.zone == .green && short.multiplierAddOn == 0)
        #expect(TrafficLight(exceptions: 3, observations: 3, confidenceBasisPoints: 9_900).zone == .red)
    }

    /// 57 of 1,043 at 5 %: the example of `varbacktest`, MATLAB Risk Management Toolbox. The rest by mpmath.
    @Test(arguments: [
        (57, 1_043, 0.05, 0.461466395329062, 0.49693944768034), (0, 250, 0.01, 5.02516792675072, 0.0249815030534498),
        (10, 250, 0.01, 12.955491062356, 0.00031898450821338), (5, 5, 0.01, 46.0517018598809, 1.15173054441567e-11),
    ])
    func kupiecsRatioIsThePublishedOne(
        exceptions: Int, observations: Int, probability: Double, statistic: Double, pValue: Double
    ) throws {
        let test = try #require(
            KupiecTest(exceptions: exceptions, observations: observations, probability: probability))
        #expect(relativeError(test.ratio.statistic, statistic) <= 1e-11 && test.ratio.degreesOfFreedom == 1)
        #expect(relativeError(test.ratio.pValue, pValue) <= 1e-10)
    }

    @Test func kupiecIsContentWithExactlyWhatIsExpected() throws {
        let test = try #require(KupiecTest(exceptions: 5, observations: 100, probability: 0.05))
        #expect(test.ratio.statistic < 1e-13 && test.ratio.pValue > 0.999_999)
        #expect(KupiecTest(exceptions: 0, observations: 0, probability: 0.05) == nil)
    }

    /// Transitions 932, 53, 53, 4 of the same example.
    @Test func christoffersensRatioIsThePublishedOne() throws {
        let counts = TransitionCounts(
            calmToCalm: 932, calmToException: 53, exceptionToCalm: 53, exceptionToException: 4)
        let kupiec = try #require(KupiecTest(exceptions: 57, observations: 1_043, probability: 0.05))
        let test = try #require(ChristoffersenTest(transitions: counts, unconditional: kupiec))
        #expect((test.independence.statistic - 0.258663).magnitude <= 5e-7)
        #expect(isClose(test.conditionalCoverage.statistic, test.independence.statistic + kupiec.ratio.statistic))
        #expect(test.independence.degreesOfFreedom == 1 && test.conditionalCoverage.degreesOfFreedom == 2)
        #expect(test.conditionalCoverage.pValue > 0.69 && test.conditionalCoverage.pValue < 0.70)
    }

    /// Ten exceptions of a hundred days in one row, and every tenth day.
    @Test func clusteredExceptionsAreNotIndependent() throws {
        let series = { (isHit: (Int) -> Bool) in
            Backtest(
                pnl: (0..<100).map { isHit($0) ? -2 : 0 }, valueAtRisk: [Double](repeating: 1, count: 100),
                confidenceBasisPoints: 9_000)
        }
        let row = try #require(series { (50..<60).contains($0) }.christoffersen)
        #expect(row.transitions.exceptionToException == 9 && row.transitions.calmToException == 1)
        #expect(row.transitions.exceptionToCalm == 1 && row.transitions.calmToCalm == 88)
        #expect(row.independence.pValue < 1e-6 && row.conditionalCoverage.pValue < 1e-6)
        let spread = try #require(series { $0 % 10 == 5 }.christoffersen)
        #expect(spread.transitions.exceptionToException == 0 && spread.independence.pValue > 0.05)
    }

    @Test func withoutExceptionsOrWithNothingElseTheRatiosAreFinite() throws {
        for loss in [0.0, -2] {
            let backtest = Backtest(
                pnl: [Double](repeating: loss, count: 20), valueAtRisk: [Double](repeating: 1, count: 20),
                confidenceBasisPoints: 9_900)
            let test = try #require(backtest.christoffersen)
            #expect(test.independence.statistic == 0 && test.independence.pValue == 1)
            #expect(test.conditionalCoverage.statistic.isFinite)
        }
        #expect(Backtest(pnl: [], valueAtRisk: [], confidenceBasisPoints: 9_900).kupiec == nil)
        #expect(Backtest(pnl: [1], valueAtRisk: [1], confidenceBasisPoints: 9_900).christoffersen == nil)
    }

    /// Of 40 days at 97.5 % one exception is expected: one of exactly ES gives 0, twice as great −1, none 1.
    @Test func z2IsNegativeWhereRiskWasUnderestimated() {
        let statistic = { (losses: [Double]) in
            AcerbiSzekelyZ2(
                pnl: losses.map { -$0 } + [Double](repeating: 0, count: 40 - losses.count),
                valueAtRisk: [Double](repeating: 10, count: 40),
                expectedShortfall: [Double](repeating: 12, count: 40), confidenceBasisPoints: 9_750)
        }
        #expect(isClose(statistic([12])?.statistic, 0) && isClose(statistic([24])?.statistic, -1))
        #expect(statistic([])?.statistic == 1 && isClose(statistic([12, 12, 12])?.statistic, -2))
        #expect(statistic([24])?.isRejectedAtFivePercent == true && statistic([18])?.isRejectedAtFivePercent == false)
        let worthless = AcerbiSzekelyZ2(
            pnl: [1], valueAtRisk: [1], expectedShortfall: [0], confidenceBasisPoints: 9_750)
        #expect(worthless == nil)
    }

    /// The authors' critical value: about one of twenty years of normal P&L at 97.5 % is below it.
    @Test(arguments: [UInt64(5)])
    func z2IsBelowItsCriticalValueInOneOfTwentyYears(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let risk = ParametricRisk(standardDeviation: 1)
        let valueAtRisk = [Double](repeating: risk.valueAtRisk(confidenceBasisPoints: 9_750), count: 250)
        let shortfall = [Double](repeating: risk.expectedShortfall(confidenceBasisPoints: 9_750), count: 250)
        let rejected = (0..<2_000).count { _ in
            AcerbiSzekelyZ2(
                pnl: (0..<250).map { _ in random.nextNormal() }, valueAtRisk: valueAtRisk,
                expectedShortfall: shortfall, confidenceBasisPoints: 9_750)?.isRejectedAtFivePercent == true
        }
        #expect((0.03...0.06).contains(Double(rejected) / 2_000), "seed \(seed): \(rejected) of 2000")
    }
}
