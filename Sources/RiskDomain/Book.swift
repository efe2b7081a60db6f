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

    public init(
        id: String, name: String, currency: String, cash: Double, marginLimit: Double?, group: String? = nil
    ) {
        self.id = id
        self.name = name
        self.currency = currency
        self.cash = cash
        self.marginLimit = marginLimit
        self.group = group
    }
}

/// A holding of one instrument by one account, carried over night.
public struct Position: Sendable, Equatable {
    public var account: String
    public var symbol: String
    /// Signed: negative is short.
    public var quantity: Double
    /// Price paid per unit, in the instrument's currency.
    public var averageCost: Double
    /// What it belongs to in attributions; `nil` where that was not said.
    public var strategy: String?

    public init(
        account: String, symbol: String, quantity: Double, averageCost: Double, strategy: String? = nil
    ) {
        self.account = account
        self.symbol = symbol
        self.quantity = quantity
        self.averageCost = averageCost
        self.strategy = strategy
    }
}
