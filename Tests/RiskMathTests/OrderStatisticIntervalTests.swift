// SPDX-License-Identifier: Apache-2.0
// Confidence intervals of VaR: against scipy's binomial, and by how often they cover a known quantile.

import RiskMath
import RiskSimulation
import Testing

@Suite struct OrderStatisticIntervalTests {
    /// l the greatest with binom.cdf(l − 1) ≤ 0.025, u the least with binom.sf(u − 1) ≤ 0.025, scipy 1.17.
    @Test(arguments: [
        (500, 9_900, 1, 11, 0.9801859498578059), (250, 9_900, nil, 7, 0.9862985521447963),
        (1_000, 9_500, 37, 65, 0.9580952682226549), (100, 9_900, nil, 4, 0.9816259635553504),
        (10, 5_000, 2, 9, 0.978515625),
    ])
    func ranksAndCoverageAreTheBinomials(count: Int, confidence: Int, worse: Int?, better: Int?, coverage: Double) {
        let interval = OrderStatisticInterval(confidenceBasisPoints: confidence, count: count)
        #expect(interval.worseRank == worse && interval.betterRank == better)
        #expect(isClose(interval.coverage, coverage))
    }

    @Test func boundsAreLossesAroundTheValueAtRisk() throws {
        let pnl = (0..<1_000).map { Double($0 * 37 % 1_000) }
        let bounds = OrderStatisticInterval(confidenceBasisPoints: 9_500, count: 1_000).bounds(pnl: pnl)
        #expect(bounds.least == -64 && bounds.greatest == -36)
        let gains = OrderStatisticInterval(confidenceBasisPoints: 9_500, count: 1_000).bounds(pnl: pnl, tail: .gain)
        #expect(gains.least == 999 - 64 && gains.greatest == 999 - 36)
    }

    @Test func sideThatTheSampleDoesNotReachHasNoBound() {
        let empty = OrderStatisticInterval(confidenceBasisPoints: 9_900, count: 0)
        #expect(empty.worseRank == nil && empty.betterRank == nil && empty.coverage == 1)
        let one = OrderStatisticInterval(confidenceBasisPoints: 100, count: 1).bounds(pnl: [3])
        #expect(one.greatest == -3 && one.least == nil)
    }

    /// P(B ≥ 1) of one scenario at 97.5 % is exactly the 2.5 % that a side may miss.
    @Test func tailThatIsJustWhatMayBeMissedIsLeftOut() {
        let one = OrderStatisticInterval(confidenceBasisPoints: 9_750, count: 1)
        #expect(one.worseRank == nil && one.betterRank == 1 && isClose(one.coverage, 0.975))
        let opposite = OrderStatisticInterval(confidenceBasisPoints: 250, count: 1)
        #expect(opposite.worseRank == 1 && opposite.betterRank == nil && isClose(opposite.coverage, 0.975))
    }

    /// Of 2,000 samples of a uniform variable, whose quantile is α, the share covered lies within four deviations.
    @Test(arguments: [UInt64(11), 12, 13])
    func intervalCoversTheTrueQuantileAsOftenAsItSays(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let interval = OrderStatisticInterval(confidenceBasisPoints: 9_500, count: 200)
        let covered = (0..<2_000).count { _ in
            let bounds = interval.bounds(pnl: (0..<200).map { _ in random.nextUniform() })
            return (bounds.least ?? -.infinity) <= -0.05 && -0.05 <= (bounds.greatest ?? .infinity)
        }
        let deviation = (interval.coverage * (1 - interval.coverage) / 2_000).squareRoot()
        #expect((Double(covered) / 2_000 - interval.coverage).magnitude <= 4 * deviation, "seed \(seed)")
        #expect(interval.coverage >= 0.95)
    }
}
