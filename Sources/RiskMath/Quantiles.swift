// SPDX-License-Identifier: Apache-2.0
// Value-at-Risk as a sample quantile of scenario P&L.

import RiskDomain

/// Historical-simulation Value-at-Risk, by the definitions of ``QuantilePosition``.
public enum Quantiles {
    /// The loss that scenario P&L exceeds with a frequency of 1 − confidence; positive is a loss, unfloored.
    ///
    /// The gain tail is the same figure of the opposite book: positive is a gain.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, in any order.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios or with too few for the definition; never −0.0.
    public static func valueAtRisk(
        pnl: [Double], confidenceBasisPoints: Int, definition: QuantileDefinition, tail: Tail = .loss
    ) -> Double? {
        Self.valueAtRisk(
            ascending: tail.losing(pnl).sorted(), confidenceBasisPoints: confidenceBasisPoints, definition: definition)
    }

    /// The figures of several confidences, from one sorting; those that are absent have no entry.
    ///
    /// - Parameter confidencesBasisPoints: each 1 to 9,999.
    /// - Returns: by confidence in basis points.
    public static func valuesAtRisk(
        pnl: [Double], confidencesBasisPoints: [Int], definition: QuantileDefinition, tail: Tail = .loss
    ) -> [Int: Double] {
        let ascending = tail.losing(pnl).sorted()
        return confidencesBasisPoints.reduce(into: [:]) { values, confidence in
            values[confidence] = Self.valueAtRisk(
                ascending: ascending, confidenceBasisPoints: confidence, definition: definition)
        }
    }

    /// - Parameter ascending: the P&L of the tail, sorted.
    static func valueAtRisk(
        ascending: [Double], confidenceBasisPoints: Int, definition: QuantileDefinition
    ) -> Double? {
        QuantilePosition(
            confidenceBasisPoints: confidenceBasisPoints, count: ascending.count, definition: definition
        ).map { 0 - $0.interpolated { ascending[$0 - 1] } }
    }

    /// Whether a sample of `count` values reaches the level: hazen and weibull do not extrapolate.
    public static func isInSample(confidenceBasisPoints: Int, count: Int, definition: QuantileDefinition) -> Bool {
        QuantilePosition(confidenceBasisPoints: confidenceBasisPoints, count: count, definition: definition) != nil
    }

    /// `k = ⌈N(10000−c)/10000⌉`, from 1, in integers: in floating point (1 − 0.99)·100 is above 1 and picks the 2nd.
    public static func rank(of confidenceBasisPoints: Int, count: Int) -> Int {
        (count * (10_000 - confidenceBasisPoints) + 9_999) / 10_000
    }
}
