// SPDX-License-Identifier: Apache-2.0
// Value-at-Risk as a sample quantile of scenario P&L.

import RiskDomain

/// Historical-simulation Value-at-Risk.
public enum Quantiles {
    /// The loss that scenario P&L exceeds with a frequency of 1 − confidence; positive is a loss, unfloored.
    ///
    /// `discrete` is definition 1 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American
    /// Statistician 50 (1996): an observed value. `linear` is their definition 7.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, in any order.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios; never −0.0.
    public static func valueAtRisk(
        pnl: [Double], confidenceBasisPoints: Int, definition: QuantileDefinition
    ) -> Double? {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        guard !pnl.isEmpty else { return nil }
        let ascending = pnl.sorted()
        let quantile =
            switch definition {
            case .discrete: ascending[Self.rank(of: confidenceBasisPoints, count: pnl.count) - 1]
            case .linear: Self.interpolated(ascending, tailBasisPoints: 10_000 - confidenceBasisPoints)
            }
        return 0 - quantile
    }

    /// `k = ⌈N(10000−c)/10000⌉`, from 1, in integers: in floating point (1 − 0.99)·100 is above 1 and picks the 2nd.
    public static func rank(of confidenceBasisPoints: Int, count: Int) -> Int {
        (count * (10_000 - confidenceBasisPoints) + 9_999) / 10_000
    }

    /// numpy's default percentile of an ascending sample, in numpy's order of operations: percent over 100 times N − 1
    /// is the virtual index, and the interpolation starts from the nearer neighbour.
    private static func interpolated(_ ascending: [Double], tailBasisPoints: Int) -> Double {
        let fraction = (Double(tailBasisPoints) / 100) / 100
        let virtualIndex = Double(ascending.count - 1) * fraction
        let below = Int(virtualIndex)
        let weight = virtualIndex - Double(below)
        let lower = ascending[below]
        let upper = ascending[min(below + 1, ascending.count - 1)]
        let gap = upper - lower
        return weight >= 0.5 ? upper - gap * (1 - weight) : lower + gap * weight
    }
}
