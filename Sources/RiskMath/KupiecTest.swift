// SPDX-License-Identifier: Apache-2.0
// Whether exceptions come as often as they should.

/// Proportion of failures: Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of
/// Derivatives 3 (1995).
public struct KupiecTest: Sendable, Equatable {
    /// `−2 ln[(1 − p)^(T−x)·p^x / ((1 − x/T)^(T−x)·(x/T)^x)]`, chi-squared with one degree of freedom.
    public let ratio: LikelihoodRatio

    /// - Parameters:
    ///   - exceptions: x, 0 to `observations`.
    ///   - observations: T.
    ///   - probability: p of an exception, above 0 and below 1.
    /// - Returns: `nil` without a day.
    public init?(exceptions: Int, observations: Int, probability: Double) {
        precondition((0...observations).contains(exceptions), "\(exceptions) exceptions of \(observations) days")
        precondition(probability > 0 && probability < 1, "probability \(probability)")
        guard observations > 0 else { return nil }
        self.ratio = LikelihoodRatio(
            statistic: LikelihoodRatio.gain(
                hits: exceptions, misses: observations - exceptions, overRate: probability),
            degreesOfFreedom: 1)
    }
}
