// SPDX-License-Identifier: Apache-2.0
// Whether exceptions come alone or in clusters.

/// Independence and conditional coverage: Christoffersen, "Evaluating interval forecasts", International Economic
/// Review 39 (1998).
public struct ChristoffersenTest: Sendable, Equatable {
    public let transitions: TransitionCounts
    /// `−2 ln[(1 − π)^(n00+n10)·π^(n01+n11) / ((1 − π0)^n00·π0^n01·(1 − π1)^n10·π1^n11)]`, chi-squared with one
    /// degree of freedom: π the rate of exceptions, π0 that after a calm day, π1 that after an exception.
    public let independence: LikelihoodRatio
    /// Kupiec's statistic over all days plus that of independence, chi-squared with two degrees of freedom.
    public let conditionalCoverage: LikelihoodRatio

    /// - Returns: `nil` without a transition or Kupiec's test.
    public init?(transitions: TransitionCounts, unconditional: KupiecTest?) {
        guard transitions.total > 0, let unconditional else { return nil }
        self.transitions = transitions
        let hits = transitions.calmToException + transitions.exceptionToException
        let rate = Double(hits) / Double(transitions.total)
        self.independence = LikelihoodRatio(
            statistic: LikelihoodRatio.gain(
                hits: transitions.calmToException, misses: transitions.calmToCalm, overRate: rate)
                + LikelihoodRatio.gain(
                    hits: transitions.exceptionToException, misses: transitions.exceptionToCalm, overRate: rate),
            degreesOfFreedom: 1)
        self.conditionalCoverage = LikelihoodRatio(
            statistic: unconditional.ratio.statistic + self.independence.statistic, degreesOfFreedom: 2)
    }
}
