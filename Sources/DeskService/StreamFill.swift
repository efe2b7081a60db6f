// SPDX-License-Identifier: Apache-2.0
// Fills made elsewhere, and what became of them.

import RiskDomain

/// A fill made elsewhere, as a stream tells it. What its numbers and texts may be is checked by whoever reads them.
public struct StreamFill: Sendable, Equatable {
    /// Unique for ever, among all fills.
    public var id: String
    /// An order of this desk.
    public var orderID: UInt64?
    public var account: String
    public var symbol: String
    /// Signed, not 0.
    public var quantity: Double
    /// In the instrument's currency.
    public var price: Double
    /// Account currency per instrument currency; `nil` for the desk's own of the moment, of a reversal that of its
    /// fill.
    public var rate: Double?
    /// In the account's currency; paid ones are negative.
    public var fees: Double
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64
    /// The fill this one undoes.
    public var reverses: String?

    public init(
        id: String, orderID: UInt64? = nil, account: String, symbol: String, quantity: Double, price: Double,
        rate: Double? = nil, fees: Double = 0, timeNanoseconds: UInt64, reverses: String? = nil
    ) {
        self.id = id
        self.orderID = orderID
        self.account = account
        self.symbol = symbol
        self.quantity = quantity
        self.price = price
        self.rate = rate
        self.fees = fees
        self.timeNanoseconds = timeNanoseconds
        self.reverses = reverses
    }

    func booked(atRate rate: Double) -> Fill {
        Fill(
            id: self.id, orderID: self.orderID, account: self.account, symbol: self.symbol, quantity: self.quantity,
            price: self.price, rate: rate, fees: self.fees, timeNanoseconds: self.timeNanoseconds,
            reverses: self.reverses)
    }

    /// Whether it says again what is booked; without a rate, at any.
    func repeats(_ fill: Fill) -> Bool { self.booked(atRate: self.rate ?? fill.rate) == fill }
}

/// Why a fill made elsewhere is not booked.
public enum StreamFillRefusal: String, Sendable, CaseIterable {
    case unknownAccount = "unknown_account"
    case unknownSymbol = "unknown_symbol"
    /// Another fill, or an entry of cash, bears the identifier.
    case conflict
    /// No exchange rate is known, and it brings none.
    case noRate = "no_rate"
    /// Its rate is not 1, and both currencies are one.
    case unfitRate = "unfit_rate"
    case unknownOrder = "unknown_order"
    /// The order is of another account, symbol or side, or has no room for it.
    case orderContradicts = "order_contradicts"
    /// The fill it undoes is not known, or has not come yet.
    case nothingToReverse = "nothing_to_reverse"
    case alreadyReversed = "already_reversed"
    /// It is not the exact opposite of the fill it undoes.
    case unequalReversal = "unequal_reversal"
}

public enum StreamFillOutcome: Sendable, Equatable {
    case accepted
    /// It is booked already, with the same content.
    case repeated
    case refused(StreamFillRefusal)
}
