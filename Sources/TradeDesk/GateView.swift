// SPDX-License-Identifier: Apache-2.0
// What the gate sees of the account, the market and the limits at the moment of an order.

import RiskDomain

/// The account before the order. Money is in its currency; `nil` is unknown, and what is needed and unknown denies.
public struct GateAccount: Sendable, Equatable {
    public var standing: AccountStanding
    public var isKilled: Bool
    public var isKilledGlobally: Bool
    /// Signed, of the order's instrument.
    public var position: Double
    public var equity: Double?
    /// Of the positions; that of open orders is in ``OpenOrder``.
    public var marginUsed: Double?
    /// Positive = loss, at the limit's confidence; of the account as it is.
    public var valueAtRisk: Double?
    public var expectedShortfall: Double?

    public init(
        standing: AccountStanding = .active, isKilled: Bool = false, isKilledGlobally: Bool = false,
        position: Double = 0, equity: Double? = nil, marginUsed: Double? = nil, valueAtRisk: Double? = nil,
        expectedShortfall: Double? = nil
    ) {
        self.standing = standing
        self.isKilled = isKilled
        self.isKilledGlobally = isKilledGlobally
        self.position = position
        self.equity = equity
        self.marginUsed = marginUsed
        self.valueAtRisk = valueAtRisk
        self.expectedShortfall = expectedShortfall
    }
}

/// The order's instrument and its market.
public struct GateMarket: Sendable, Equatable {
    /// `nil` where no instrument has the symbol.
    public var instrument: Instrument?
    /// Account currency per instrument currency; `nil` where no pair leads there.
    public var rate: Double?
    public var bid: Double?
    public var ask: Double?
    public var last: Double?
    public var trading: TradingStatus
    /// Whether the feed says so, by a gap or by silence.
    public var isStale: Bool
    /// Since 1970, when the last tick came; `nil` before the first.
    public var tickNanoseconds: UInt64?

    public init(
        instrument: Instrument?, rate: Double? = 1, bid: Double? = nil, ask: Double? = nil, last: Double? = nil,
        trading: TradingStatus = .trading, isStale: Bool = false, tickNanoseconds: UInt64? = nil
    ) {
        self.instrument = instrument
        self.rate = rate
        self.bid = bid
        self.ask = ask
        self.last = last
        self.trading = trading
        self.isStale = isStale
        self.tickNanoseconds = tickNanoseconds
    }
}

/// What an account may not exceed; `nil` is no such limit. A limit that is not finite denies.
public struct GateLimits: Sendable, Equatable, Codable {
    /// Seconds since the last tick.
    public var priceAgeSeconds: Double? = 10
    /// Percent beyond the live price at which an order would still trade.
    public var collarPercent: Double? = 10
    public var orderQuantity: Double? = 10_000
    /// In the account's currency, as all money below.
    public var orderNotional: Double?
    /// What orders that open or add may cost, this one and the open ones.
    public var buyingPower: Double?
    /// Used by positions, open orders and this order.
    public var margin: Double?
    /// Absolute, with all open orders of the same side filled; as the next three.
    public var positionQuantity: Double?
    public var positionNotional: Double?
    /// Position in percent of equity.
    public var concentrationPercent: Double?
    public var valueAtRisk: Double?
    public var expectedShortfall: Double?
    /// Of the account, this one included.
    public var openOrders: Int? = 1_000
    /// Within so many seconds the same order again is a duplicate.
    public var duplicateSeconds: Double? = 2

    public init() {}
}

/// An order of the account that is open or was sent of late, with what it may still cost.
public struct OpenOrder: Sendable, Equatable {
    public var order: Order
    /// What may still be filled, a pending replacement counted at its greater quantity.
    public var openQuantity: Double
    /// In the account's currency, of the part that opens or adds: what the gate reserved for it, times what is open of
    /// it; `nil` where unknown.
    public var notional: Double?
    public var margin: Double?

    public init(_ order: Order, openQuantity: Double? = nil, notional: Double?, margin: Double?) {
        self.order = order
        self.openQuantity = openQuantity ?? (order.status.isFinal ? 0 : order.remainingQuantity)
        self.notional = notional
        self.margin = margin
    }
}

/// What the account's risk would be after the order, positive = loss.
public struct GateRisk: Sendable, Equatable {
    public var valueAtRisk: Double?
    public var expectedShortfall: Double?

    public init(valueAtRisk: Double?, expectedShortfall: Double?) {
        self.valueAtRisk = valueAtRisk
        self.expectedShortfall = expectedShortfall
    }
}
