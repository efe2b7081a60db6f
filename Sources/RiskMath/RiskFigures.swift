// SPDX-License-Identifier: Apache-2.0
// The risk block of an account or of the firm: VaR and ES with every convention they depend on.

import RiskDomain

/// VaR and ES by confidence, and how they were measured.
public struct RiskFigures: Sendable, Equatable {
    /// Scenarios used.
    public var window: Int
    public var quantile: QuantileDefinition
    public var horizonDays: Int
    public var coverage: Coverage
    /// By confidence in basis points, positive = loss; empty where absent.
    public var valueAtRisk: [Int: Double]
    /// By confidence in basis points, positive = loss; empty where absent.
    public var expectedShortfall: [Int: Double]

    /// - Parameters:
    ///   - pnl: one-day scenario P&L; `nil` where the scenarios reach nothing of what is held.
    ///   - window: scenarios there are.
    public init(pnl: [Double]?, window: Int, coverage: Coverage, convention: RiskConvention) {
        self.window = window
        self.quantile = convention.quantile
        self.horizonDays = convention.horizonDays
        self.coverage = coverage
        // Times √h is exact only for independent, identically distributed returns, hence labelled by the horizon
        // published.
        let scale = convention.horizonScale
        self.valueAtRisk = Quantiles.valuesAtRisk(
            pnl: pnl ?? [], confidencesBasisPoints: convention.confidences, definition: convention.quantile
        ).mapValues { $0 * scale }
        self.expectedShortfall = ExpectedShortfall.values(
            pnl: pnl ?? [], confidencesBasisPoints: convention.confidences, definition: convention.shortfall
        ).mapValues { $0 * scale }
    }
}
