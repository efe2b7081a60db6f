// SPDX-License-Identifier: Apache-2.0
// VaR and ES as sums over known scenarios, so that any part of a book can be read in the same ones.

import RiskDomain

/// The scenarios behind VaR and ES of a book: what they read off the book's P&L, they read off a part's.
struct TailReading: Sendable {
    private let order: [Int]
    private let position: QuantilePosition?
    private let shortfall: ShortfallTail?

    /// - Parameter pnl: of the whole book, one finite value a scenario.
    init(
        pnl: [Double], confidenceBasisPoints: Int, quantile: QuantileDefinition, shortfall: ShortfallDefinition
    ) {
        self.order = RankedScenarios(pnl).order
        self.position = QuantilePosition(
            confidenceBasisPoints: confidenceBasisPoints, count: pnl.count, definition: quantile)
        self.shortfall =
            pnl.isEmpty
            ? nil
            : ShortfallTail(
                confidenceBasisPoints: confidenceBasisPoints, count: pnl.count, definition: shortfall)
    }

    /// Indices of the scenarios VaR is read off; none where it is absent.
    var scenarios: [Int] {
        guard let position = self.position else { return [] }
        return Array(self.order[(position.rank - 1)..<(position.weight > 0 ? position.rank + 1 : position.rank)])
    }

    /// Of the book its VaR, of a part its component; linear in the vector.
    func valueAtRisk(_ pnl: [Double]) -> Double? {
        self.position.map { 0 - $0.interpolated { pnl[self.order[$0 - 1]] } }
    }

    /// Of the book its ES, of a part its component; linear in the vector.
    func expectedShortfall(_ pnl: [Double]) -> Double? {
        self.shortfall.map { 0 - $0.mean { pnl[self.order[$0 - 1]] } }
    }
}
