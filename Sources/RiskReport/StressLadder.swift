// SPDX-License-Identifier: Apache-2.0
// What a book gains or loses as one underlying, or everything, moves: ladders and grids.

import RiskDomain

/// Moves of price and volatility, one result for each pair.
public struct StressGrid: Sendable, Equatable {
    /// Relative moves of price, ascending.
    public var prices: [Double]
    /// Moves of volatility in points, ascending; a ladder has the one 0.
    public var volatilityPoints: [Double]
    /// P&L by price, by volatility; `nil` where a holding that moves has no model value.
    public var pnl: [[Double?]]
}

extension BookReporter {
    /// - Parameters:
    ///   - underlying: symbol of what moves, with the options on it; `nil` for everything.
    ///   - prices: relative moves, each −1 or more.
    ///   - volatilityPoints: moves of options' volatility, in hundredths.
    public func grid(
        of book: BookSnapshot, underlying: String?, prices: [Double], volatilityPoints: [Double]
    ) -> StressGrid {
        StressGrid(
            prices: prices, volatilityPoints: volatilityPoints,
            pnl: prices.map { price in
                volatilityPoints.map { points in
                    self.pnl(of: book, under: Self.scenario(underlying, price: price, points: points))
                }
            })
    }

    /// P&L of a book under a scenario made up for the occasion.
    public func pnl(of book: BookSnapshot, under scenario: StressScenario) -> Double? {
        self.stressed(book, under: scenario)?.pnl
    }

    /// - Returns: `nil` where a position that moves has no model value.
    func stressed(_ book: BookSnapshot, under scenario: StressScenario) -> StressedBook? {
        let moves = scenario.moves(of: self.inputs.instruments, history: self.inputs.history)
        var stressed = StressedBook(pnl: 0, values: [])
        for held in book.positions {
            guard let value = self.revaluation.marketValue(of: held) else {
                stressed.values.append(nil)
                continue
            }
            guard
                let part = self.revaluation.stressPnL(
                    of: held, currency: book.currency, scenario: scenario, moves: moves, atCut: book.cutNanoseconds)
            else { return nil }
            stressed.pnl += part
            stressed.values.append(value + part)
        }
        return stressed
    }

    static func scenario(_ underlying: String?, price: Double, points: Double = 0) -> StressScenario {
        StressScenario(
            name: "grid",
            shocks: [
                StressShock(
                    target: underlying.map(StressShock.Target.underlying) ?? .all, price: price,
                    volatilityPoints: points)
            ])
    }
}
