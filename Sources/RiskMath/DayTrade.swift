// SPDX-License-Identifier: Apache-2.0
// A trade of the running day, as day P&L needs it.

/// A fill since the last day roll.
public struct DayTrade: Sendable, Equatable {
    /// Signed: negative is a sale.
    public var quantity: Double
    /// In the instrument's currency.
    public var price: Double

    public init(quantity: Double, price: Double) {
        self.quantity = quantity
        self.price = price
    }
}
