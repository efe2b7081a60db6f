// SPDX-License-Identifier: Apache-2.0
// The stretch of history that would hurt the present book most.

import RiskDomain

/// The window of consecutive scenarios with the greatest VaR, as stressed VaR asks for: Basel Committee, "Revisions
/// to the Basel II market risk framework", 2009, §718(Lxxvi)(i).
public struct StressedWindow: Sendable, Equatable {
    /// Indices of the scenarios.
    public let scenarios: Range<Int>
    /// Positive is a loss, or a gain in the gain tail.
    public let valueAtRisk: Double
    /// Positive is a loss, or a gain in the gain tail.
    public let expectedShortfall: Double

    /// Searches all windows; of several with the same VaR the earliest is taken.
    ///
    /// - Parameters:
    ///   - pnl: of the present book, one finite value a scenario, oldest first.
    ///   - days: length of the window, at least 1; 250 is a year.
    ///   - confidenceBasisPoints: 1 to 9,999.
    /// - Returns: `nil` with fewer scenarios than a window has, or a window too short for the definition.
    public init?(
        pnl: [Double], days: Int = 250, confidenceBasisPoints: Int, quantile: QuantileDefinition,
        shortfall: ShortfallDefinition = .acerbiTasche, tail: Tail = .loss
    ) {
        precondition(days >= 1, "a window of \(days) days")
        let position = QuantilePosition(
            confidenceBasisPoints: confidenceBasisPoints, count: days, definition: quantile)
        guard pnl.count >= days, let position else { return nil }
        let losing = tail.losing(pnl)
        var window = SortedWindow(losing[..<days])
        var worst = (
            start: 0, ascending: window.ascending, value: 0 - position.interpolated { window.ascending[$0 - 1] }
        )
        for start in 0..<(pnl.count - days) {
            window.replace(losing[start], by: losing[start + days])
            let value = 0 - position.interpolated { window.ascending[$0 - 1] }
            if value > worst.value { worst = (start + 1, window.ascending, value) }
        }
        self.scenarios = worst.start..<(worst.start + days)
        self.valueAtRisk = worst.value
        let mean = ShortfallTail(confidenceBasisPoints: confidenceBasisPoints, count: days, definition: shortfall)
        self.expectedShortfall = 0 - mean.mean { worst.ascending[$0 - 1] }
    }
}
