// SPDX-License-Identifier: Apache-2.0
// How scenario P&L is spread, in bins of equal width.

/// Counts of scenario P&L by bin.
///
/// ```
///   edges   e0      e1      e2      e3
///   counts  [  c0  )[  c1  )[  c2  ]
/// ```
///
/// Every value is counted once: in the bin whose lower edge it reaches, the greatest in the last. Without values
/// there are no bins and no edges. Where all values are the same there is one bin, whose two edges are that value.
public struct PnLHistogram: Sendable, Equatable {
    /// Ascending, one more than bins, from the least value to the greatest; in the currency of the P&L.
    public let edges: [Double]
    public let counts: [Int]

    /// - Parameters:
    ///   - pnl: finite values, in any order.
    ///   - bins: at least 1.
    public init(pnl: [Double], bins: Int = 60) {
        precondition(bins >= 1, "\(bins) bins")
        guard let least = pnl.min(), let greatest = pnl.max() else {
            (self.edges, self.counts) = ([], [])
            return
        }
        guard least < greatest else {
            (self.edges, self.counts) = ([least, greatest], [pnl.count])
            return
        }
        // Halves are subtracted, as the difference of the greatest numbers is beyond them.
        let halfWidth = (greatest / 2 - least / 2) / Double(bins)
        let edges = (0..<bins).map { least + Double($0) * halfWidth + Double($0) * halfWidth } + [greatest]
        var counts = [Int](repeating: 0, count: bins)
        for value in pnl { counts[Self.bin(of: value, edges: edges, guess: (value / 2 - least / 2) / halfWidth)] += 1 }
        (self.edges, self.counts) = (edges, counts)
    }

    /// The division may round across an edge, so the edges as published decide.
    private static func bin(of value: Double, edges: [Double], guess: Double) -> Int {
        let last = edges.count - 2
        var bin = guess.isFinite ? max(0, min(last, Int(min(guess, Double(last))))) : 0
        while bin > 0, value < edges[bin] { bin -= 1 }
        while bin < last, value >= edges[bin + 1] { bin += 1 }
        return bin
    }
}
