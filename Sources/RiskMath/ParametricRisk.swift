// SPDX-License-Identifier: Apache-2.0
// Value-at-Risk and expected shortfall of a normal distribution: the variance–covariance method.

/// Risk of normally distributed P&L of mean zero. Source: Jorion, "Value at Risk", 3rd edition 2007, chapters 5 and 7.
///
/// Over the same returns, a linear book has the same risk from its P&L vector and from exposures and covariances.
public struct ParametricRisk: Sendable, Equatable {
    /// σ of one day's P&L, in currency, ≥ 0.
    public let standardDeviation: Double

    public init(standardDeviation: Double) {
        precondition(standardDeviation >= 0, "standard deviation \(standardDeviation)")
        self.standardDeviation = standardDeviation
    }

    /// From scenario P&L, each day weighing the same: the root of the mean square, divided by N, without the mean
    /// taken off.
    ///
    /// - Returns: `nil` without scenarios.
    public init?(pnl: [Double]) {
        guard !pnl.isEmpty else { return nil }
        self.init(standardDeviation: (pnl.reduce(0) { $0 + $1 * $1 } / Double(pnl.count)).squareRoot())
    }

    /// From scenario P&L, oldest first, by the variance forecast for the day after it.
    ///
    /// - Returns: `nil` without scenarios.
    public init?(pnl: [Double], variance: ExponentialVariance) {
        guard let next = variance.path(pnl).last else { return nil }
        self.init(standardDeviation: next.squareRoot())
    }

    /// From exposures in currency, one a row of the matrix, and the covariances of their returns.
    public init(exposures: [Double], covariance: CovarianceMatrix) {
        self.init(standardDeviation: covariance.variance(of: exposures).squareRoot())
    }

    /// `z·σ`; positive is a loss from 50 % on.
    ///
    /// - Parameter confidenceBasisPoints: 1 to 9,999.
    public func valueAtRisk(confidenceBasisPoints: Int) -> Double {
        NormalDistribution.quantile(confidenceBasisPoints: confidenceBasisPoints) * self.standardDeviation
    }

    /// `σ·φ(z)/(1 − c)`; positive is a loss.
    ///
    /// - Parameter confidenceBasisPoints: 1 to 9,999.
    public func expectedShortfall(confidenceBasisPoints: Int) -> Double {
        NormalDistribution.shortfall(confidenceBasisPoints: confidenceBasisPoints) * self.standardDeviation
    }

    /// Component VaR `w_i·(Σw)_i/σ·z` of each exposure; they sum to `z·σ`, and are zeros where nothing can move.
    ///
    /// - Parameters:
    ///   - exposures: in currency, one a row of the matrix.
    ///   - deviations: z, such as `NormalDistribution.quantile(confidenceBasisPoints:)`.
    public static func components(
        exposures: [Double], covariance: CovarianceMatrix, deviations: Double
    ) -> [Double] {
        let sensitivities = covariance.times(exposures)
        let sigma = covariance.variance(of: exposures).squareRoot()
        guard sigma > 0 else { return exposures.map { _ in 0 } }
        return zip(exposures, sensitivities).map { $0 * $1 / sigma * deviations }
    }
}
