// SPDX-License-Identifier: Apache-2.0
// Where a sample quantile stands between the values of an ordered sample.

import RiskDomain

/// A place between the values of rank `rank` and `rank + 1` of an ascending sample.
///
/// ```
///   x_(rank)          quantile      x_(rank + 1)
///      |------ weight -----|--------------|
/// ```
///
/// Definitions 1, 5, 6 and 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50
/// (1996).
public struct QuantilePosition: Sendable, Equatable {
    /// From 1 to the number of values.
    public let rank: Int
    /// Part of the way to the next value, 0 ..< 1; 0 at the last one.
    public let weight: Double

    /// Resolves the lower tail at a confidence, with α = 1 − confidence: rank `⌈Nα⌉` (discrete), or rank and weight
    /// as the whole and the broken part of `Nα + ½` (hazen), `(N + 1)α` (weibull), `(N − 1)α + 1` (linear).
    ///
    /// Ranks are found in integers, so that a level that falls on a value falls on it exactly. `linear` alone follows
    /// numpy's floating-point order of operations, whose last bit it repeats.
    ///
    /// - Parameters:
    ///   - confidenceBasisPoints: 1 to 9,999.
    ///   - count: values of the sample, N.
    /// - Returns: `nil` for an empty sample, and where hazen or weibull would have to look beyond the outer values.
    public init?(confidenceBasisPoints: Int, count: Int, definition: QuantileDefinition) {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        guard count > 0 else { return nil }
        let tail = 10_000 - confidenceBasisPoints
        switch definition {
        case .discrete: self.init(rank: (count * tail + 9_999) / 10_000, weight: 0)
        case .linear:
            let virtualIndex = Double(count - 1) * ((Double(tail) / 100) / 100)
            let below = Int(virtualIndex)
            self.init(rank: below + 1, weight: virtualIndex - Double(below))
        case .hazen: self.init(whole: 2 * count * tail + 10_000, of: 20_000, count: count)
        case .weibull: self.init(whole: (count + 1) * tail, of: 10_000, count: count)
        }
    }

    private init(rank: Int, weight: Double) {
        self.rank = rank
        self.weight = weight
    }

    /// The position `whole / unit`; `nil` outside 1 ... `count`.
    private init?(whole: Int, of unit: Int, count: Int) {
        let (rank, rest) = whole.quotientAndRemainder(dividingBy: unit)
        guard rank >= 1, rank < count || (rank == count && rest == 0) else { return nil }
        self.init(rank: rank, weight: Double(rest) / Double(unit))
    }

    /// The quantile, from the value of each rank; interpolated from the nearer neighbour, as numpy does.
    ///
    /// - Parameter value: the value of a rank, from 1; not asked for a rank beyond the sample.
    public func interpolated(_ value: (_ rank: Int) -> Double) -> Double {
        let lower = value(self.rank)
        guard self.weight > 0 else { return lower }
        let upper = value(self.rank + 1)
        let gap = upper - lower
        return self.weight >= 0.5 ? upper - gap * (1 - self.weight) : lower + gap * self.weight
    }
}
