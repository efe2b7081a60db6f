// SPDX-License-Identifier: Apache-2.0
// Past returns brought to today's volatility.

/// Hull & White, "Incorporating volatility updating into the historical simulation method for Value-at-Risk", Journal
/// of Risk 1 (1998).
public struct VolatilityScaling: Sendable, Equatable {
    public let variance: ExponentialVariance

    public init(variance: ExponentialVariance = ExponentialVariance()) {
        self.variance = variance
    }

    /// `r_t·σ_(N+1)/σ_t` of one risk factor: each return as it would be at the volatility forecast for tomorrow.
    ///
    /// A factor that never moved stays at zero, as does a return whose forecast variance is.
    ///
    /// - Parameter returns: oldest first.
    public func scaled(_ returns: [Double]) -> [Double] {
        let path = self.variance.path(returns)
        guard let next = path.last else { return [] }
        return zip(returns, path).map { value, variance in
            variance > 0 ? value * (next / variance).squareRoot() : value
        }
    }
}
