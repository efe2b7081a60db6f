// SPDX-License-Identifier: Apache-2.0
// How sure a sample quantile is: a confidence interval of VaR that assumes no distribution.

/// The ordered scenarios between which the true VaR lies with a given probability.
///
/// The number of N independent scenarios below the true quantile q of probability α is binomial, whatever their
/// continuous distribution: `P(x_(l) ≤ q ≤ x_(u)) = P(l ≤ B ≤ u − 1)`. Source: David & Nagaraja, "Order Statistics",
/// 3rd edition 2003, §7.1. Each side is left out with at most half of 1 − level, so the interval is never narrower
/// than promised.
public struct OrderStatisticInterval: Sendable, Equatable {
    /// Rank l from 1 of the scenario that bounds the loss from above; `nil` where the sample does not reach far enough.
    public var worseRank: Int?
    /// Rank u from 1 of the scenario that bounds the loss from below; `nil` where the sample does not reach far enough.
    public var betterRank: Int?
    /// Probability that the interval covers the true VaR; a side without a bound is open and misses nothing.
    public var coverage: Double

    /// - Parameters:
    ///   - confidenceBasisPoints: of the VaR, 1 to 9,999.
    ///   - count: scenarios, at least 0.
    ///   - levelBasisPoints: of the interval, 1 to 9,999.
    public init(confidenceBasisPoints: Int, count: Int, levelBasisPoints: Int = 9_500) {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        precondition((1...9_999).contains(levelBasisPoints), "level outside 1...9999 basis points")
        let below = BinomialDistribution(
            trials: count, probability: Double(10_000 - confidenceBasisPoints) / 10_000)
        // Rounding must not push a tail that is just what may be missed beyond it.
        let missed = Double(10_000 - levelBasisPoints) / 20_000 * (1 + 1e-12)
        // The greatest l with P(B ≤ l − 1) ≤ missed: 0 where even one scenario would be too many.
        var worse = 0
        while worse < count, below.cumulative(worse) <= missed { worse += 1 }
        // The least u with P(B ≥ u) ≤ missed: N + 1 where even the best scenario is not enough.
        var better = worse + 1
        while better <= count, below.survival(better - 1) > missed { better += 1 }
        self.worseRank = worse >= 1 ? worse : nil
        self.betterRank = better <= count ? better : nil
        self.coverage = 1 - below.cumulative(worse - 1) - (better <= count ? below.survival(better - 1) : 0)
    }

    /// The bounds of VaR over a sample of the size the ranks are of; positive is a loss, or a gain in the gain tail.
    ///
    /// - Parameter pnl: one finite value a scenario, in any order.
    /// - Returns: `nil` on a side that the sample does not reach.
    public func bounds(pnl: [Double], tail: Tail = .loss) -> (least: Double?, greatest: Double?) {
        let ascending = tail.losing(pnl).sorted()
        return (self.betterRank.map { 0 - ascending[$0 - 1] }, self.worseRank.map { 0 - ascending[$0 - 1] })
    }
}
