// SPDX-License-Identifier: Apache-2.0
// Accounts and what they hold.

/// A trading account.
public struct Account: Sendable, Equatable {
    /// Unique, non-empty.
    public var id: String
    public var name: String
    /// ISO 4217 code; the account's money is in it.
    public var currency: String
    /// Opening cash, in ``currency``.
    public var cash: Double
    /// Margin the account may use, in ``currency``, ≥ 0; `nil` where none was set (its margin level is `unknown`).
    public var marginLimit: Double?
    /// Where it stands in the house, from the top, names joined by `/` as in `Equities/Long`; `nil` at the top.
    public var group: String?
    public var ledger: AccountLedger

    public init(
        id: String, name: String, currency: String, cash: Double, marginLimit: Double?, group: String? = nil,
        ledger: AccountLedger = AccountLedger()
    ) {
        self.id = id
        self.name = name
        self.currency = currency
        self.cash = cash
        self.marginLimit = marginLimit
        self.group = group
        self.ledger = ledger
    }
}

/// What an account's trades have come to beside its cash, in its currency.
public struct AccountLedger: Sendable, Equatable {
    /// Of all positions there ever were.
    public var realised: Double
    /// ≤ 0, of all time.
    public var fees: Double
    /// ≤ 0, since the day began.
    public var dayFees: Double
    /// Margin that open orders tie up, ≥ 0.
    public var orderMargin: Double

    public init(realised: Double = 0, fees: Double = 0, dayFees: Double = 0, orderMargin: Double = 0) {
        self.realised = realised
        self.fees = fees
        self.dayFees = dayFees
        self.orderMargin = orderMargin
    }
}

/// How a position came about since the day began.
public struct PositionDay: Sendable, Equatable {
    /// Signed quantity held when the day began.
    public var overnightQuantity: Double
    /// Sum of the day's signed trade quantities.
    public var tradedQuantity: Double
    /// Sum of the day's signed trade quantities times their prices, in the instrument's currency.
    public var tradedCost: Double

    /// Nothing was held when the day began, and nothing was traded.
    public static let nothing = PositionDay(overnightQuantity: 0, tradedQuantity: 0, tradedCost: 0)

    public init(overnightQuantity: Double, tradedQuantity: Double, tradedCost: Double) {
        self.overnightQuantity = overnightQuantity
        self.tradedQuantity = tradedQuantity
        self.tradedCost = tradedCost
    }
}

/// A holding of one instrument by one account.
public struct Position: Sendable, Equatable {
    public var account: String
    public var symbol: String
    /// Signed: negative is short.
    public var quantity: Double
    /// Price paid per unit, in the instrument's currency.
    public var averageCost: Double
    /// What it belongs to in attributions; `nil` where that was not said.
    public var strategy: String?
    /// In the account's currency.
    public var realised: Double
    /// `nil` where all of it was carried over night.
    public var day: PositionDay?

    public init(
        account: String, symbol: String, quantity: Double, averageCost: Double, strategy: String? = nil,
        realised: Double = 0, day: PositionDay? = nil
    ) {
        self.account = account
        self.symbol = symbol
        self.quantity = quantity
        self.averageCost = averageCost
        self.strategy = strategy
        self.realised = realised
        self.day = day
    }
}
