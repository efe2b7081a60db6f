// SPDX-License-Identifier: Apache-2.0
// Covariances of returns, symmetric and row by row.

/// A symmetric matrix of covariances, of returns taken to have mean zero.
public struct CovarianceMatrix: Sendable, Equatable {
    /// Rows, and columns.
    public let order: Int
    private let entries: [Double]

    /// - Parameter rows: square and symmetric.
    public init(rows: [[Double]]) {
        self.order = rows.count
        self.entries = rows.flatMap { $0 }
        precondition(rows.allSatisfy { $0.count == rows.count }, "a covariance matrix is square")
        for row in rows.indices {
            for column in 0..<row { precondition(rows[row][column] == rows[column][row], "and symmetric") }
        }
    }

    /// Mean products of returns, each day weighing the same: divided by N, without the mean taken off.
    ///
    /// - Parameter returns: aligned series, oldest first, each of at least one value.
    public init(returns: [[Double]]) {
        self.init(returns) { first, second in
            zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / Double(first.count)
        }
    }

    /// Covariances forecast for the day after aligned series, by an exponentially weighted average.
    public init(returns: [[Double]], variance: ExponentialVariance) {
        self.init(returns) { first, second in variance.path(first, second).last ?? .nan }
    }

    private init(_ returns: [[Double]], covariance: ([Double], [Double]) -> Double) {
        precondition(Set(returns.map(\.count)).count <= 1 && returns.first?.isEmpty != true, "aligned, not empty")
        let order = returns.count
        var entries = [Double](repeating: 0, count: order * order)
        for row in 0..<order {
            for column in 0...row {
                let value = covariance(returns[row], returns[column])
                entries[row * order + column] = value
                entries[column * order + row] = value
            }
        }
        self.order = order
        self.entries = entries
    }

    public subscript(row: Int, column: Int) -> Double { self.entries[row * self.order + column] }

    /// `Σw`.
    ///
    /// - Parameter weights: one a row.
    public func times(_ weights: [Double]) -> [Double] {
        precondition(weights.count == self.order, "\(weights.count) weights for \(self.order) rows")
        return (0..<self.order).map { row in
            (0..<self.order).reduce(0) { $0 + self[row, $1] * weights[$1] }
        }
    }

    /// `wᵀΣw`, never below 0.
    public func variance(of weights: [Double]) -> Double {
        max(0, zip(weights, self.times(weights)).reduce(0) { $0 + $1.0 * $1.1 })
    }
}
