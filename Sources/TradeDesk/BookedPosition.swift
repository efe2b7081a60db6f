// SPDX-License-Identifier: Apache-2.0
// One instrument in one account, and the day it is having.

import RiskDomain
import RiskMath

/// A position and what its day P&L needs (DESIGN.md §5).
public struct BookedPosition: Sendable, Equatable {
    public internal(set) var cost: AverageCost
    /// Held since before the last day roll.
    public internal(set) var overnightQuantity: Double
    /// Fills since then, without what was undone.
    public internal(set) var dayTrades: [DayTrade] = []
    /// Price at the last day roll; `nil` where there was none.
    public internal(set) var priorClose: Double?

    init(cost: AverageCost) {
        self.cost = cost
        self.overnightQuantity = cost.quantity
    }

    /// Cash and fees are the account's.
    mutating func trade(_ fill: Fill, _ multiplier: Double) {
        _ = self.cost.fill(fill.quantity, at: fill.price, multiplier: multiplier, rate: fill.rate)
        self.dayTrades.append(DayTrade(quantity: fill.quantity, price: fill.price))
    }
}

/// An account's money and positions.
public struct BookedAccount: Sendable, Equatable {
    /// In the account's currency, as all money here.
    public internal(set) var cash: Double
    /// Sum of all fees, ≤ 0.
    public internal(set) var fees = 0.0
    /// Of the fills since the last day roll.
    public internal(set) var dayFees = 0.0
    /// Realised by positions that were closed and have gone with a day roll.
    public internal(set) var realisedBefore = 0.0
    /// By symbol; those closed today at quantity 0.
    public internal(set) var positions: [String: BookedPosition] = [:]

    init(cash: Double, fees: Double = 0, realisedBefore: Double = 0) {
        self.cash = cash
        self.fees = fees
        self.realisedBefore = realisedBefore
    }

    /// Of all positions there ever were, without fees. Summed by ascending symbol.
    public var realisedPnL: Double {
        self.positions.sorted { $0.key < $1.key }.reduce(self.realisedBefore) { $0 + $1.value.cost.realisedPnL }
    }
}
