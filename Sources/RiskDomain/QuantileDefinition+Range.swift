// SPDX-License-Identifier: Apache-2.0
// Which levels a quantile definition has a value for.

extension QuantileDefinition {
    /// Whether N scenarios have a quantile at a confidence, without going beyond the outer ones.
    ///
    /// With α = 1 − confidence, `hazen` needs ½ ≤ Nα ≤ N − ½ and `weibull` 1 ≤ (N + 1)α ≤ N: the plotting positions of
    /// the smallest and largest value (Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American
    /// Statistician 50, 1996, definitions 5 and 6). Reckoned in integers.
    ///
    /// - Parameters:
    ///   - confidence: basis points, 1 to 9,999.
    ///   - scenarios: N, 0 to 5,000.
    public func hasValue(confidence: Int, scenarios: Int) -> Bool {
        let whole = 10_000
        switch self {
        case .discrete, .linear: return true
        case .hazen: return 2 * scenarios * min(confidence, whole - confidence) >= whole
        case .weibull: return (scenarios + 1) * min(confidence, whole - confidence) >= whole
        }
    }
}
