// SPDX-License-Identifier: Apache-2.0
// P&L of a book in each historical scenario.

/// Historical simulation: today's book under the moves of past days.
public enum ScenarioPnL {
    /// The sum of vectors, in the order given: of positions, accounts or groups, since P&L adds and quantiles do not.
    public static func sum(_ vectors: [[Double]], count: Int) -> [Double] {
        vectors.reduce(into: [Double](repeating: 0, count: count)) { pnl, vector in
            for scenario in 0..<count { pnl[scenario] += vector[scenario] }
        }
    }
}
