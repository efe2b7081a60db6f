// SPDX-License-Identifier: Apache-2.0
// What an account holds right now, as whoever keeps the book says it to whoever values it.

/// A position with what was traded in it since the day began. Absolute values: the newest replaces what was there.
public struct Holding: Sendable, Equatable {
    public var symbol: String
    /// Signed: negative is short; 0 stays visible until the day roll.
    public var quantity: Double
    /// Per unit, in the instrument's currency.
    public var averageCost: Double
    /// In the account's currency.
    public var realised: Double
    /// Signed quantity held when the day began.
    public var overnightQuantity: Double
    /// Sum of the day's signed trade quantities.
    public var tradedQuantity: Double
    /// Sum of the day's signed trade quantities times their prices, in the instrument's currency.
    public var tradedCost: Double
    /// What it belongs to in attributions; `nil` where that was not said.
    public var strategy: String?

    public init(
        symbol: String, quantity: Double, averageCost: Double, realised: Double = 0, overnightQuantity: Double,
        tradedQuantity: Double = 0, tradedCost: Double = 0, strategy: String? = nil
    ) {
        self.symbol = symbol
        self.quantity = quantity
        self.averageCost = averageCost
        self.realised = realised
        self.overnightQuantity = overnightQuantity
        self.tradedQuantity = tradedQuantity
        self.tradedCost = tradedCost
        self.strategy = strategy
    }
}

/// An account's money, and those of its positions that changed.
public struct AccountHoldings: Sendable, Equatable {
    public var account: String
    /// Money in the account's currency.
    public var cash: Double
    /// Of all positions there ever were.
    public var realised: Double
    /// ≤ 0, of all time.
    public var fees: Double
    /// ≤ 0, since the day began.
    public var dayFees: Double
    /// Margin that open orders tie up, ≥ 0.
    public var orderMargin: Double
    public var positions: [Holding]
    /// Whether positions not listed are gone.
    public var isComplete: Bool

    public init(
        account: String, cash: Double, realised: Double = 0, fees: Double = 0, dayFees: Double = 0,
        orderMargin: Double = 0, positions: [Holding], isComplete: Bool = false
    ) {
        self.account = account
        self.cash = cash
        self.realised = realised
        self.fees = fees
        self.dayFees = dayFees
        self.orderMargin = orderMargin
        self.positions = positions
        self.isComplete = isComplete
    }
}

/// Who values what is held.
public protocol HoldingsSink: Sendable {
    /// Callable from any thread, does not wait; of two for one account and position the later wins.
    func take(_ holdings: [AccountHoldings])
}
