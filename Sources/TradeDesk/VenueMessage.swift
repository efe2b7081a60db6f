// SPDX-License-Identifier: Apache-2.0
// What is said to a venue and what it answers: the seam behind which a simulated and a real one look the same.

import RiskDomain

/// The market of one instrument as a venue trades against it.
public struct VenueQuote: Sendable, Equatable, Codable {
    public enum Trading: String, Sendable, CaseIterable, Codable { case trading, halted, closed }

    public var symbol: String
    public var bid: Double?
    public var ask: Double?
    public var last: Double?
    /// Quantity quoted; `nil` where the publisher does not say.
    public var bidSize: Double?
    public var askSize: Double?
    public var trading: Trading
    public var isStale: Bool

    public init(
        symbol: String, bid: Double? = nil, ask: Double? = nil, last: Double? = nil, bidSize: Double? = nil,
        askSize: Double? = nil, trading: Trading = .trading, isStale: Bool = false
    ) {
        self.symbol = symbol
        self.bid = bid
        self.ask = ask
        self.last = last
        self.bidSize = bidSize
        self.askSize = askSize
        self.trading = trading
        self.isStale = isStale
    }

    /// Whether anything may trade: open, fresh, every number finite, not crossed. A locked market, bid = ask, trades.
    public var isTradable: Bool {
        let numbers = [self.bid, self.ask, self.last].compactMap { $0 }
        guard self.trading == .trading, !self.isStale, numbers.allSatisfy(\.isFinite) else { return false }
        guard let bid, let ask else { return true }
        return bid <= ask
    }

    /// What an order of a side would trade at.
    func touch(for side: OrderSide) -> Double? { side == .buy ? self.ask : self.bid }
}

/// What happens to a venue.
public enum VenueCommand: Sendable, Equatable, Codable {
    /// A number the venue already knows is a repeat and changes nothing.
    case new(orderID: UInt64, OrderRequest)
    case cancel(orderID: UInt64)
    case replace(orderID: UInt64, OrderChange)
    case quote(VenueQuote)
    /// Day orders expire.
    case dayRoll
}

/// An execution in the terms of the venue, which knows no account currency.
public struct VenueFill: Sendable, Equatable, Codable {
    /// Unique for ever.
    public var id: String
    public var orderID: UInt64
    /// Signed: negative sells.
    public var quantity: Double
    public var price: Double
    /// In the instrument's currency, ≤ 0.
    public var fees: Double
    /// Since 1970.
    public var timeNanoseconds: UInt64

    public init(
        id: String, orderID: UInt64, quantity: Double, price: Double, fees: Double, timeNanoseconds: UInt64
    ) {
        self.id = id
        self.orderID = orderID
        self.quantity = quantity
        self.price = price
        self.fees = fees
        self.timeNanoseconds = timeNanoseconds
    }

    /// The fill of an order in its account's terms.
    ///
    /// - Parameter rate: account currency per instrument currency at the fill.
    public func fill(of request: OrderRequest, rate: Double) -> Fill {
        Fill(
            id: self.id, orderID: self.orderID, account: request.account, symbol: request.symbol,
            quantity: self.quantity, price: self.price, rate: rate, fees: self.fees * rate,
            timeNanoseconds: self.timeNanoseconds)
    }
}

public struct VenueReport: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        case acknowledged
        case rejected(reason: String)
        /// A stop has seen its price; from here it is a market or limit order.
        case triggered
        case filled(VenueFill)
        case cancelled(reason: String?)
        case cancelRejected(reason: String)
        case replaced
        case replaceRejected(reason: String)
        case expired
    }

    /// Unique for ever.
    public var id: String
    public var orderID: UInt64
    public var timeNanoseconds: UInt64
    public var kind: Kind

    public init(id: String, orderID: UInt64, timeNanoseconds: UInt64, kind: Kind) {
        self.id = id
        self.orderID = orderID
        self.timeNanoseconds = timeNanoseconds
        self.kind = kind
    }

    /// What it is in the life of the order; `nil` for a trigger, which changes no status.
    ///
    /// - Parameter rate: account currency per instrument currency now.
    public func event(of request: OrderRequest, rate: Double) -> OrderEvent? {
        let kind: OrderEvent.Kind
        switch self.kind {
        case .acknowledged: kind = .acknowledged
        case .rejected(let reason): kind = .rejected(reason: reason)
        case .triggered: return nil
        case .filled(let fill): kind = .filled(fill.fill(of: request, rate: rate))
        case .cancelled(let reason): kind = .cancelled(reason: reason)
        case .cancelRejected: kind = .cancelRejected
        case .replaced: kind = .replaced
        case .replaceRejected: kind = .replaceRejected
        case .expired: kind = .expired
        }
        return OrderEvent(id: self.id, timeNanoseconds: self.timeNanoseconds, kind: kind)
    }
}
