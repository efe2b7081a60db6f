// SPDX-License-Identifier: Apache-2.0
// What can be held and quoted, as the instrument file describes it.

/// A tradable instrument.
///
/// Its position in the instrument file is its **index**, dense from 0; arrays of the engine are addressed by it. Its
/// ``id`` is what publishers put on the wire.
public struct Instrument: Sendable, Equatable {
    /// Identifier on the tick wire; any `UInt32`, unique.
    public var id: UInt32
    /// Unique, non-empty name used in files, channels and pages.
    public var symbol: String
    public var name: String
    public var sector: String
    /// ISO 4217 code of the currency the price is in.
    public var currency: String
    /// Currency units per price unit and quantity 1; finite and > 0.
    public var multiplier: Double
    /// Smallest price step; finite and > 0.
    public var tickSize: Double
    /// Margin per unit of absolute market value, 0 to 1.
    public var marginRate: Double
    /// Smallest quantity step; finite and > 0.
    public var lotSize: Double
    /// Decimals of a price in binary frames, 0 to 9.
    public var priceDecimals: Int
    /// Whether a price of zero or below is valid (spreads, power, rates).
    public var allowsNegativePrices: Bool
    /// Whose returns stand in when this instrument has no history, under ``MissingHistoryPolicy/proxy``.
    public var proxy: HistoryProxy?
    public var kind: InstrumentKind
    /// Free words that stress scenarios may aim at.
    public var tags: [String]

    public init(
        id: UInt32, symbol: String, name: String, sector: String, currency: String, multiplier: Double = 1,
        tickSize: Double = 0.01, marginRate: Double = 0.25, lotSize: Double = 1, priceDecimals: Int = 4,
        allowsNegativePrices: Bool = false, proxy: HistoryProxy? = nil, kind: InstrumentKind = .spot,
        tags: [String] = []
    ) {
        self.id = id
        self.symbol = symbol
        self.name = name
        self.sector = sector
        self.currency = currency
        self.multiplier = multiplier
        self.tickSize = tickSize
        self.marginRate = marginRate
        self.lotSize = lotSize
        self.priceDecimals = priceDecimals
        self.allowsNegativePrices = allowsNegativePrices
        self.proxy = proxy
        self.kind = kind
        self.tags = tags
    }

    /// Whether nothing differs but what only risk and people look at: name, sector, margin rate, tags, proxy.
    public func hasSameTerms(as other: Instrument) -> Bool {
        var other = other
        other.name = self.name
        other.sector = self.sector
        other.marginRate = self.marginRate
        other.tags = self.tags
        other.proxy = self.proxy
        return self == other
    }

    /// The terms, where it is an option.
    public var option: OptionTerms? {
        if case .option(let terms) = self.kind { return terms }
        return nil
    }
}

/// Another instrument's returns times a sensitivity.
public struct HistoryProxy: Sendable, Equatable {
    public var symbol: String
    /// Finite; may be negative.
    public var beta: Double

    public init(symbol: String, beta: Double) {
        self.symbol = symbol
        self.beta = beta
    }
}
