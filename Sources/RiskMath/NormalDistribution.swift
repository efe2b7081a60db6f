// SPDX-License-Identifier: Apache-2.0
// The standard normal distribution: density, cumulative probability, quantile.

import Glibc

/// The normal distribution of mean 0 and variance 1.
public enum NormalDistribution {
    /// `exp(−x²/2)/√(2π)`.
    public static func density(_ value: Double) -> Double {
        exp(-value * value / 2) / (2 * Double.pi).squareRoot()
    }

    /// `erfc(−x/√2)/2`, accurate relative to its size in the lower tail too.
    public static func cumulative(_ value: Double) -> Double {
        erfc(-value * 0.5.squareRoot()) / 2
    }

    /// The value below which a probability lies, within 10⁻¹⁵ relative to its size where that is above 0.01.
    ///
    /// Abramowitz & Stegun, "Handbook of Mathematical Functions" (1964), 26.2.23 within 4.5·10⁻⁴, then three of
    /// Halley's steps, each of which cubes the error.
    ///
    /// - Parameter probability: above 0 and below 1; the lower half is as accurate as the argument is, down to 10⁻³⁰⁰.
    public static func quantile(_ probability: Double) -> Double {
        precondition(probability > 0 && probability < 1, "probability outside 0...1")
        guard probability <= 0.5 else { return -Self.quantile(1 - probability) }
        let root = (-2 * log(probability)).squareRoot()
        let numerator = 2.515517 + root * (0.802853 + root * 0.010328)
        let denominator = 1 + root * (1.432788 + root * (0.189269 + root * 0.001308))
        var value = numerator / denominator - root
        for _ in 0..<3 {
            let step = (Self.cumulative(value) - probability) / Self.density(value)
            value -= step / (1 + value * step / 2)
        }
        return value
    }

    /// The quantile of a confidence: 2.326… at 99 %.
    ///
    /// - Parameter confidenceBasisPoints: 1 to 9,999.
    public static func quantile(confidenceBasisPoints: Int) -> Double {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        return 0 - Self.quantile(Double(10_000 - confidenceBasisPoints) / 10_000)
    }

    /// Expected shortfall of a standard deviation of 1, `φ(z)/(1 − c)`: 2.665… at 99 %.
    ///
    /// - Parameter confidenceBasisPoints: 1 to 9,999.
    public static func shortfall(confidenceBasisPoints: Int) -> Double {
        let quantile = Self.quantile(confidenceBasisPoints: confidenceBasisPoints)
        return Self.density(quantile) / (Double(10_000 - confidenceBasisPoints) / 10_000)
    }
}
