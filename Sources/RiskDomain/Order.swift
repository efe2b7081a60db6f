// SPDX-License-Identifier: Apache-2.0
// The vocabulary of trading: orders, fills, and what they are called on every wire.

public enum OrderSide: String, Sendable, CaseIterable, Codable {
    case buy, sell

    /// +1 or −1: what a quantity is multiplied by to be signed.
    public var sign: Double { self == .buy ? 1 : -1 }
}

public enum OrderType: String, Sendable, CaseIterable, Codable {
    case market, limit, stop
    case stopLimit = "stop_limit"

    public var needsLimitPrice: Bool { self == .limit || self == .stopLimit }
    public var needsStopPrice: Bool { self == .stop || self == .stopLimit }
}

public enum TimeInForce: String, Sendable, CaseIterable, Codable {
    /// Until the day roll.
    case day
    /// Until cancelled.
    case gtc
    /// What can be filled at once; the rest is cancelled.
    case ioc
    /// All at once or nothing.
    case fok
}

/// Where an order is in its life. `DESIGN.md` §7 names the first; the last five are final.
public enum OrderStatus: String, Sendable, CaseIterable, Codable {
    /// Accepted and journaled, not yet acknowledged by the venue.
    case submitted
    case working
    case partiallyFilled = "partially_filled"
    /// Asked to be cancelled; fills may still come.
    case pendingCancel = "pending_cancel"
    /// Asked to be replaced; fills may still come.
    case pendingReplace = "pending_replace"
    /// The venue was lost while it had the order: until reconciled.
    case unknown
    case filled, cancelled, rejected, expired
    /// Undone by the venue after the fact.
    case busted

    public var isFinal: Bool {
        switch self {
        case .filled, .cancelled, .rejected, .expired, .busted: true
        default: false
        }
    }
}

/// What a client asks for, checked for form but not yet by the gate.
public struct OrderRequest: Sendable, Equatable, Codable {
    public var account: String
    /// The client's own name for it, which makes it idempotent; `nil` where it gave none.
    public var clientOrderID: String?
    public var symbol: String
    public var side: OrderSide
    /// Above 0.
    public var quantity: Double
    public var type: OrderType
    /// In the instrument's currency; exactly where ``OrderType/needsLimitPrice``.
    public var limitPrice: Double?
    /// Exactly where ``OrderType/needsStopPrice``.
    public var stopPrice: Double?
    public var timeInForce: TimeInForce

    public init(
        account: String, clientOrderID: String? = nil, symbol: String, side: OrderSide, quantity: Double,
        type: OrderType = .market, limitPrice: Double? = nil, stopPrice: Double? = nil,
        timeInForce: TimeInForce = .day
    ) {
        self.account = account
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.type = type
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.timeInForce = timeInForce
    }
}

/// An accepted order at one moment.
public struct Order: Sendable, Equatable, Codable {
    /// Unique for ever, ascending in the order of acceptance.
    public var id: UInt64
    public var request: OrderRequest
    /// Who sent it: a user's name.
    public var user: String
    public var status: OrderStatus
    /// 0 to the request's quantity.
    public var filledQuantity: Double
    /// Quantity-weighted; `nil` before the first fill.
    public var averageFillPrice: Double?
    /// A stable code, where it was rejected, cancelled by the system or busted.
    public var reason: String?
    /// Nanoseconds since 1970.
    public var createdNanoseconds: UInt64
    public var updatedNanoseconds: UInt64

    public init(
        id: UInt64, request: OrderRequest, user: String, status: OrderStatus, filledQuantity: Double = 0,
        averageFillPrice: Double? = nil, reason: String? = nil, createdNanoseconds: UInt64,
        updatedNanoseconds: UInt64
    ) {
        self.id = id
        self.request = request
        self.user = user
        self.status = status
        self.filledQuantity = filledQuantity
        self.averageFillPrice = averageFillPrice
        self.reason = reason
        self.createdNanoseconds = createdNanoseconds
        self.updatedNanoseconds = updatedNanoseconds
    }

    public var remainingQuantity: Double { self.request.quantity - self.filledQuantity }
}

/// One execution, or one that came from outside or by hand.
public struct Fill: Sendable, Equatable, Codable {
    /// Unique for ever: the venue's name for it. A fill that comes twice counts once.
    public var id: String
    /// `nil` where no order of ours led to it.
    public var orderID: UInt64?
    public var account: String
    public var symbol: String
    /// Signed: negative sells.
    public var quantity: Double
    /// In the instrument's currency.
    public var price: Double
    /// Account currency per instrument currency at the fill.
    public var rate: Double
    /// In the account's currency, ≤ 0; a fill that reverses another gives its fees back.
    public var fees: Double
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64
    /// Of the fill this one reverses.
    public var reverses: String?

    public init(
        id: String, orderID: UInt64?, account: String, symbol: String, quantity: Double, price: Double, rate: Double,
        fees: Double, timeNanoseconds: UInt64, reverses: String? = nil
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
}
