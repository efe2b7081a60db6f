// SPDX-License-Identifier: Apache-2.0
// What a book gains or loses as one underlying, or everything, moves: ladders, grids, and the move that breaks a limit.

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

/// The smallest move of the whole market that costs a given loss.
public struct ReverseStress: Sendable, Equatable {
    /// Relative move of all prices, −1 to 1; negative is down.
    public var move: Double
    /// P&L there: at most the loss asked for, turned negative.
    public var pnl: Double
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
        let moves = scenario.moves(of: self.inputs.instruments, history: self.inputs.history)
        var sum = 0.0
        for held in book.positions where held.price != nil && held.rate != nil {
            guard
                let part = self.revaluation.stressPnL(
                    of: held, currency: book.currency, scenario: scenario, moves: moves, atCut: book.cutNanoseconds)
            else { return nil }
            sum += part
        }
        return sum
    }

    /// Searches both directions in steps of one percent and then bisects to a hundredth of a basis point.
    ///
    /// - Parameter loss: above 0, in the book's currency.
    /// - Returns: `nil` where no move from −100 % to +100 % costs so much.
    public func reverseStress(of book: BookSnapshot, loss: Double) -> ReverseStress? {
        func pnl(_ move: Double) -> Double {
            self.pnl(of: book, under: Self.scenario(nil, price: move, points: 0)) ?? .nan
        }
        for step in 1...100 {
            for direction in [-1.0, 1.0] {
                let move = direction * Double(step) / 100
                guard pnl(move) <= -loss else { continue }
                var (calm, broken) = (direction * Double(step - 1) / 100, move)
                while (broken - calm).magnitude > 1e-6 {
                    let middle = (calm + broken) / 2
                    if pnl(middle) <= -loss { broken = middle } else { calm = middle }
                }
                return ReverseStress(move: broken, pnl: pnl(broken))
            }
        }
        return nil
    }

    private static func scenario(_ underlying: String?, price: Double, points: Double) -> StressScenario {
        StressScenario(
            name: "grid",
            shocks: [
                StressShock(
                    target: underlying.map(StressShock.Target.underlying) ?? .all, price: price,
                    volatilityPoints: points)
            ])
    }
}
