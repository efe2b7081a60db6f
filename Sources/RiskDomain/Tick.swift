// SPDX-License-Identifier: Apache-2.0
// One accepted quote on its way to the engine.

/// A checked tick: layout-identical to the engine's 32-byte record and to the record of the binary tick wire, but for
/// the instrument, which here is the index and not the identifier.
@frozen
public struct Tick: Sendable, Equatable {
    /// Instrument **index**.
    public var instrument: UInt32
    /// Which prices are present.
    public var fields: Fields
    /// 0 unchanged, else ``TradingStatus`` raw value + 1.
    public var status: UInt8
    /// What the record is in the ring; 0 is a tick.
    public var kind: UInt16
    public var bid: Double
    public var ask: Double
    public var last: Double

    @frozen
    public struct Fields: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let bid = Fields(rawValue: 1)
        public static let ask = Fields(rawValue: 2)
        public static let last = Fields(rawValue: 4)
    }

    public init(
        instrument: UInt32, fields: Fields, status: UInt8 = 0, bid: Double = 0, ask: Double = 0, last: Double = 0
    ) {
        self.instrument = instrument
        self.fields = fields
        self.status = status
        self.kind = 0
        self.bid = bid
        self.ask = ask
        self.last = last
    }

    /// Highest absolute price accepted.
    public static let priceLimit = 1e12
}
