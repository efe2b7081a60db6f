// SPDX-License-Identifier: Apache-2.0
// What a fill does to a position carried at average cost.

/// A position at average cost, and what it has realised.
public struct AverageCost: Sendable, Equatable {
    /// Signed: negative is short.
    public private(set) var quantity: Double
    /// Price paid per unit, in the instrument's currency; of a closed position, what its last units had cost.
    public private(set) var averageCost: Double
    /// In the account's currency, without fees.
    public private(set) var realisedPnL: Double

    public init(quantity: Double = 0, averageCost: Double = 0, realisedPnL: Double = 0) {
        self.quantity = quantity
        self.averageCost = averageCost
        self.realisedPnL = realisedPnL
    }

    /// Applies a fill and returns the change of the account's cash, `−q·p·multiplier·fx + fees`.
    ///
    /// Same sign as the position: `A = (A|Q| + p|q|)/(|Q|+|q|)`. Opposite: realised grows by
    /// `sign(Q)·(p−A)·min(|q|,|Q|)·multiplier·fx`, and what crosses zero opens at `p` (DESIGN.md §5).
    ///
    /// - Parameters:
    ///   - filled: signed quantity bought (positive) or sold.
    ///   - price: in the instrument's currency.
    ///   - multiplier: currency units per price unit and quantity 1.
    ///   - rate: account currency per instrument currency at the fill.
    ///   - fees: in the account's currency, ≤ 0.
    public mutating func fill(
        _ filled: Double, at price: Double, multiplier: Double = 1, rate: Double = 1, fees: Double = 0
    ) -> Double {
        if self.quantity == 0 {
            self.averageCost = filled == 0 ? self.averageCost : price
        } else if (self.quantity > 0) == (filled > 0) || filled == 0 {
            let held = self.quantity.magnitude
            let added = filled.magnitude
            self.averageCost = (self.averageCost * held + price * added) / (held + added)
        } else {
            let closed = min(filled.magnitude, self.quantity.magnitude)
            let direction: Double = self.quantity > 0 ? 1 : -1
            self.realisedPnL += direction * (price - self.averageCost) * closed * multiplier * rate
            if filled.magnitude > self.quantity.magnitude { self.averageCost = price }
        }
        self.quantity += filled
        return -filled * price * multiplier * rate + fees
    }
}
