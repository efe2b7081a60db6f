// SPDX-License-Identifier: Apache-2.0
// Expected shortfall: the mean loss in the tail beyond a confidence.

/// Expected shortfall after Acerbi & Tasche, "On the coherence of expected shortfall", Journal of Banking & Finance 26
/// (2002): the sample form of their definition 2.6.
public enum ExpectedShortfall {
    /// `−(1/(Nα))·(Σ_{i≤⌊Nα⌋} x_(i) + (Nα−⌊Nα⌋)·x_(⌊Nα⌋+1))`, α = 1 − confidence; positive is a loss, unfloored.
    ///
    /// The whole and the broken part of Nα come from integers, so 500 scenarios at 99 % average exactly five.
    ///
    /// - Parameters:
    ///   - pnl: one finite value a scenario, in any order.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` without scenarios; never −0.0.
    public static func value(pnl: [Double], confidenceBasisPoints: Int) -> Double? {
        precondition((1...9_999).contains(confidenceBasisPoints), "confidence outside 1...9999 basis points")
        guard !pnl.isEmpty else { return nil }
        let ascending = pnl.sorted()
        let (whole, rest) = (pnl.count * (10_000 - confidenceBasisPoints)).quotientAndRemainder(dividingBy: 10_000)
        let wholePart = ascending[..<whole].reduce(0, +)
        let brokenPart = Double(rest) / 10_000 * ascending[whole]
        let tailCount = Double(pnl.count * (10_000 - confidenceBasisPoints)) / 10_000
        return 0 - (wholePart + brokenPart) / tailCount
    }
}
