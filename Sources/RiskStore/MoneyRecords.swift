// SPDX-License-Identifier: Apache-2.0
// What moves money and positions besides fills.

import RiskDomain

/// Cash that came or went without a trade.
public struct CashEntry: Sendable, Equatable {
    /// Unique for ever.
    public var id: String
    public var account: String
    /// In the account's currency; negative leaves the account.
    public var amount: Double
    /// Such as `deposit`, `fee`, `dividend`.
    public var kind: String
    public var reason: String
    /// Who wrote it down.
    public var user: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        id: String, account: String, amount: Double, kind: String, reason: String, user: String,
        timeNanoseconds: UInt64
    ) {
        self.id = id
        self.account = account
        self.amount = amount
        self.kind = kind
        self.reason = reason
        self.user = user
        self.timeNanoseconds = timeNanoseconds
    }
}

/// A position changed by hand, without cash.
public struct PositionAdjustment: Sendable, Equatable {
    /// Unique for ever.
    public var id: String
    public var account: String
    public var symbol: String
    /// Added to the position; signed.
    public var quantity: Double
    /// Per unit of ``quantity``, in the instrument's currency.
    public var cost: Double
    public var reason: String
    public var user: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        id: String, account: String, symbol: String, quantity: Double, cost: Double, reason: String, user: String,
        timeNanoseconds: UInt64
    ) {
        self.id = id
        self.account = account
        self.symbol = symbol
        self.quantity = quantity
        self.cost = cost
        self.reason = reason
        self.user = user
        self.timeNanoseconds = timeNanoseconds
    }
}

/// What accounts hold when a day begins. Fills, cash and adjustments journaled after it count on top; those before
/// are in it.
public struct OpeningBook: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The first book of a store, and only the first.
        case imported
        case dayRoll = "day_roll"
    }

    public var kind: Kind
    public var day: CalendarDay
    /// Replaces accounts of the same identifier; accounts it leaves out stay.
    public var accounts: [Account]
    /// Replaces all positions; an account and a symbol occur once.
    public var positions: [Position]
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        kind: Kind, day: CalendarDay, accounts: [Account], positions: [Position], timeNanoseconds: UInt64
    ) {
        self.kind = kind
        self.day = day
        self.accounts = accounts
        self.positions = positions
        self.timeNanoseconds = timeNanoseconds
    }
}
