// SPDX-License-Identifier: Apache-2.0
// Whether losses beyond VaR are as great as expected shortfall says.

/// The second test of Acerbi & Szekely, "Back-testing expected shortfall", Risk, December 2014.
///
/// `Z2 = 1 − Σ_t L_t·I_t/(T·(1 − c)·ES_t)`, L_t the loss of a day and I_t whether it is an exception. It is expected
/// to be 0 where VaR and ES are right; **negative means that risk was underestimated**, by frequency or by size. 1 is
/// its greatest value, without an exception.
public struct AcerbiSzekelyZ2: Sendable, Equatable {
    /// Below this, ES is rejected at 5 %: the authors' value for 250 days at 97.5 %, near the same for distributions
    /// from the normal to Student's with five degrees of freedom.
    public static let criticalAtFivePercent = -0.70

    public let statistic: Double

    /// - Parameters:
    ///   - pnl: of each day, oldest first.
    ///   - valueAtRisk: forecast for the same days, positive = loss.
    ///   - expectedShortfall: forecast for the same days, positive = loss.
    ///   - confidenceBasisPoints: of both, 1 to 9,999.
    /// - Returns: `nil` without a day, and where an ES forecast is not above 0, of which nothing is a multiple.
    public init?(
        pnl: [Double], valueAtRisk: [Double], expectedShortfall: [Double], confidenceBasisPoints: Int
    ) {
        precondition(pnl.count == expectedShortfall.count, "\(pnl.count) days, \(expectedShortfall.count) forecasts")
        let backtest = Backtest(
            pnl: pnl, valueAtRisk: valueAtRisk, confidenceBasisPoints: confidenceBasisPoints)
        guard !pnl.isEmpty, expectedShortfall.allSatisfy({ $0 > 0 }) else { return nil }
        let multiples = backtest.exceptions.reduce(0) { $0 - pnl[$1] / expectedShortfall[$1] }
        self.statistic = 1 - multiples / (Double(pnl.count) * backtest.expectedRate)
    }

    /// Whether the statistic is below ``criticalAtFivePercent``.
    public var isRejectedAtFivePercent: Bool { self.statistic < Self.criticalAtFivePercent }
}
