// SPDX-License-Identifier: Apache-2.0
// P&L of a book in each historical scenario.

/// Historical simulation: today's market values under the returns of past days.
public enum ScenarioPnL {
    /// `pnl_t = Σ_i MV_i·r_i,t`, in currency and never in weights, so short and market-neutral books come out right.
    ///
    /// - Parameters:
    ///   - exposures: market value and `count` returns each.
    ///   - count: the number of scenarios N.
    public static func vector(exposures: [(marketValue: Double, returns: [Double])], count: Int) -> [Double] {
        exposures.reduce(into: [Double](repeating: 0, count: count)) { pnl, exposure in
            for scenario in 0..<count { pnl[scenario] += exposure.marketValue * exposure.returns[scenario] }
        }
    }

    /// The sum of accounts' vectors, in the order given.
    public static func sum(_ vectors: [[Double]], count: Int) -> [Double] {
        vectors.reduce(into: [Double](repeating: 0, count: count)) { pnl, vector in
            for scenario in 0..<count { pnl[scenario] += vector[scenario] }
        }
    }
}
