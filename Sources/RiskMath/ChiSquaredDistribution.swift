// SPDX-License-Identifier: Apache-2.0
// The chi-squared distribution: what a likelihood ratio is judged by.

import Glibc

/// Survival of the chi-squared distribution, through the regularised incomplete gamma function.
public enum ChiSquaredDistribution {
    /// The probability of a value above `value`: `Q(degrees/2, value/2)`, within 10⁻¹³ for up to a hundred degrees.
    ///
    /// - Parameters:
    ///   - value: ≥ 0.
    ///   - degreesOfFreedom: at least 1.
    public static func survival(_ value: Double, degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom >= 1 && value >= 0, "chi-squared of \(value), \(degreesOfFreedom) degrees")
        return Self.upperGamma(shape: Double(degreesOfFreedom) / 2, value: value / 2)
    }

    /// `Q(a, x) = Γ(a, x)/Γ(a)`: by the series of P = 1 − Q left of a + 1, by the continued fraction right of it,
    /// where each converges fast (Abramowitz & Stegun 1964, 6.5.29 and 6.5.31).
    static func upperGamma(shape: Double, value: Double) -> Double {
        guard value > 0 else { return 1 }
        guard value.isFinite else { return 0 }
        let front = exp(shape * log(value) - value - lgamma(shape).0)
        if value < shape + 1 { return 1 - front * Self.series(shape: shape, value: value) }
        return front * Self.continuedFraction(shape: shape, value: value)
    }

    /// `Σ_n x^n/(a(a + 1)…(a + n))`.
    private static func series(shape: Double, value: Double) -> Double {
        var term = 1 / shape
        var sum = term
        var factor = shape
        while term > sum * 1e-17 {
            factor += 1
            term *= value / factor
            sum += term
        }
        return sum
    }

    /// `1/(x + 1 − a − 1(1 − a)/(x + 3 − a − 2(2 − a)/(x + 5 − a − …)))`, from the front by ratios of its convergents.
    private static func continuedFraction(shape: Double, value: Double) -> Double {
        var denominator = value + 1 - shape
        var above = Double.infinity
        var below = 1 / denominator
        var fraction = below
        for index in 1...1_000 {
            let numerator = -Double(index) * (Double(index) - shape)
            denominator += 2
            below = 1 / (denominator + numerator * below)
            above = denominator + numerator / above
            let ratio = above * below
            fraction *= ratio
            if (ratio - 1).magnitude < 1e-16 { break }
        }
        return fraction
    }
}
