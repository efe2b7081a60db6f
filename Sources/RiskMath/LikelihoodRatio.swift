// SPDX-License-Identifier: Apache-2.0
// Likelihood ratios of hits and misses, and the probability of one as great.

import Glibc

/// A likelihood ratio statistic with its asymptotic chi-squared probability.
public struct LikelihoodRatio: Sendable, Equatable {
    /// ≥ 0: `−2 ln(L₀/L₁)`.
    public let statistic: Double
    public let degreesOfFreedom: Int
    /// Probability of a statistic at least as great where the hypothesis holds.
    public let pValue: Double

    /// - Parameter statistic: below 0 by rounding only, which is taken as 0.
    init(statistic: Double, degreesOfFreedom: Int) {
        self.statistic = max(0, statistic)
        self.degreesOfFreedom = degreesOfFreedom
        self.pValue = ChiSquaredDistribution.survival(self.statistic, degreesOfFreedom: degreesOfFreedom)
    }

    /// `2·(hits·ln(p₁/p₀) + misses·ln((1 − p₁)/(1 − p₀)))` with `0·ln 0 = 0`, p₁ the rate found: twice the gain in log
    /// likelihood of the rate found over a given one.
    ///
    /// - Parameter rate: p₀, above 0 and below 1 where there are hits or misses respectively.
    static func gain(hits: Int, misses: Int, overRate rate: Double) -> Double {
        let trials = Double(hits + misses)
        var sum = 0.0
        if hits > 0 { sum += Double(hits) * log(Double(hits) / trials / rate) }
        if misses > 0 { sum += Double(misses) * log(Double(misses) / trials / (1 - rate)) }
        return 2 * sum
    }
}
