// SPDX-License-Identifier: Apache-2.0
// What moves money and positions besides fills.

import RiskDomain

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
        /// Adds accounts and what they hold. The day goes on: other positions stay, and so does what counts on top of
        /// them.
        case extended
    }

    public var kind: Kind
    public var day: CalendarDay
    /// Replaces accounts of the same identifier; accounts it leaves out stay.
    public var accounts: [Account]
    /// Replaces all positions, an extension those of its accounts; an account and a symbol occur once.
    public var positions: [Position]
    /// Replaces what was carried, as ``positions`` does.
    public var carried: [CarriedTotal]
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        kind: Kind, day: CalendarDay, accounts: [Account], positions: [Position], carried: [CarriedTotal] = [],
        timeNanoseconds: UInt64
    ) {
        self.kind = kind
        self.day = day
        self.accounts = accounts
        self.positions = positions
        self.carried = carried
        self.timeNanoseconds = timeNanoseconds
    }
}
