// SPDX-License-Identifier: Apache-2.0
// Variance that forgets: the exponentially weighted moving average of squared returns.

/// `σ²_(t+1) = λσ²_t + (1 − λ)r²_t`, of returns or P&L taken to have mean zero: J.P. Morgan & Reuters, "RiskMetrics —
/// Technical Document", 4th edition 1996, §5.2.
///
/// The first, σ²_1, is the mean square of the whole sample, so that it holds what a constant volatility would be.
/// That is bilinear, as the recursion is: the covariances of positions add up to the variance of the book.
public struct ExponentialVariance: Sendable, Equatable {
    /// λ, above 0 and below 1; 0.94 in RiskMetrics for days.
    public let decay: Double

    public init(decay: Double = 0.94) {
        precondition(decay > 0 && decay < 1, "decay \(decay) outside 0...1")
        self.decay = decay
    }

    /// The variance forecast for each day of a series and for the day after it.
    ///
    /// - Parameter series: oldest first.
    /// - Returns: σ²_1 … σ²_(N+1): one more than the series has, or none without a series.
    public func path(_ series: [Double]) -> [Double] {
        self.path(series, series)
    }

    /// The covariance forecasts of two aligned series: one more than they have, or none without a series.
    public func path(_ first: [Double], _ second: [Double]) -> [Double] {
        precondition(first.count == second.count, "series of \(first.count) and \(second.count) values")
        guard !first.isEmpty else { return [] }
        let products = zip(first, second).map { $0 * $1 }
        var path = [products.reduce(0, +) / Double(products.count)]
        for product in products { path.append(self.decay * path[path.count - 1] + (1 - self.decay) * product) }
        return path
    }
}
