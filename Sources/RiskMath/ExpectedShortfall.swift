// SPDX-License-Identifier: Apache-2.0
// Expected shortfall: the mean loss in the tail beyond a confidence.

import RiskDomain

/// Expected shortfall after Acerbi & Tasche, "On the coherence of expected shortfall", Journal of Banking & Finance 26
/// (2002), the sample form of their definition 2.6; or the plain mean of the tail.
public enum ExpectedShortfall {
    /// The mean loss of the tail; positive is a loss, unfloored. With α = 1 − confidence:
    ///
    /// - `acerbiTasche`: `−(1/(Nα))·(Σ_{i≤⌊Nα⌋} x_(i) + (Nα−⌊Nα⌋)·x_(⌊Nα⌋+1))`. The whole and the broken part of Nα
    ///   come from integers, so 500 scenarios at 99 % average exactly five.
    /// - `tailMean`: `−(1/k)·Σ_{i≤k} x_(i)`, `k = ⌈Nα⌉`: the mean of the scenarios at or beyond the discrete VaR, of
    ///   scenarios that equal it only as many as make up k. It equals the former where Nα is whole and is below it
    ///   elsewhere.
    ///
    /// The gain tail is the same figure of the opposite book: positive is a gain.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, in any order.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios; never −0.0.
    public static func value(
        pnl: [Double], confidenceBasisPoints: Int, definition: ShortfallDefinition = .acerbiTasche, tail: Tail = .loss
    ) -> Double? {
        Self.value(
            ascending: tail.losing(pnl).sorted(), confidenceBasisPoints: confidenceBasisPoints, definition: definition)
    }

    /// The figures of several confidences, from one sorting; empty without scenarios.
    ///
    /// - Parameter confidencesBasisPoints: each 1 to 9,999.
    /// - Returns: by confidence in basis points.
    public static func values(
        pnl: [Double], confidencesBasisPoints: [Int], definition: ShortfallDefinition = .acerbiTasche,
        tail: Tail = .loss
    ) -> [Int: Double] {
        let ascending = tail.losing(pnl).sorted()
        return confidencesBasisPoints.reduce(into: [:]) { values, confidence in
            values[confidence] = Self.value(
                ascending: ascending, confidenceBasisPoints: confidence, definition: definition)
        }
    }

    /// - Parameter ascending: the P&L of the tail, sorted.
    static func value(ascending: [Double], confidenceBasisPoints: Int, definition: ShortfallDefinition) -> Double? {
        guard !ascending.isEmpty else { return nil }
        let tail = ShortfallTail(
            confidenceBasisPoints: confidenceBasisPoints, count: ascending.count, definition: definition)
        return 0 - tail.mean { ascending[$0 - 1] }
    }
}
