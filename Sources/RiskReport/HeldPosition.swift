// SPDX-License-Identifier: Apache-2.0
// One holding with the prices it was valued at: what every figure of a report is computed from.

import RiskDomain

/// A holding at one cut; money is in the account's currency.
public struct HeldPosition: Sendable, Equatable {
    /// Instrument index.
    public var instrument: Int
    public var symbol: String
    /// Signed.
    public var quantity: Double
    /// In the instrument's currency; `nil` where it has none.
    public var price: Double?
    /// Account currency per instrument currency; `nil` where there is none.
    public var rate: Double?
    /// Of an option: the price of its underlying and the volatility it was valued at.
    public var spot: Double?
    public var volatility: Double?
    public var strategy: String?

    public init(
        instrument: Int, symbol: String, quantity: Double, price: Double?, rate: Double?, spot: Double? = nil,
        volatility: Double? = nil, strategy: String? = nil
    ) {
        self.instrument = instrument
        self.symbol = symbol
        self.quantity = quantity
        self.price = price
        self.rate = rate
        self.spot = spot
        self.volatility = volatility
        self.strategy = strategy
    }
}

/// A book at one cut.
public struct BookSnapshot: Sendable {
    /// Account identifier.
    public var name: String
    public var currency: String
    /// Nanoseconds since 1970: what options have left follows from it.
    public var cutNanoseconds: UInt64
    /// Positions whose quantity is not 0, in symbol order.
    public var positions: [HeldPosition]
    /// Scenario P&L as the engine published it.
    public var scenarioPnL: [Double]

    public init(
        name: String, currency: String, cutNanoseconds: UInt64, positions: [HeldPosition], scenarioPnL: [Double]
    ) {
        self.name = name
        self.currency = currency
        self.cutNanoseconds = cutNanoseconds
        self.positions = positions
        self.scenarioPnL = scenarioPnL
    }
}
