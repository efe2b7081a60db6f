// SPDX-License-Identifier: Apache-2.0
// What an instrument is, where that decides how it is valued.

/// How an instrument's value follows from prices.
public enum InstrumentKind: Sendable, Equatable {
    /// A share, an index, a bond: worth its price.
    case spot
    /// Worth its price too, which is a forward price: options on it carry no financing of the underlying.
    case future
    /// The price is units of ``Instrument/currency`` for one unit of `base`.
    case currencyPair(base: String)
    case option(OptionTerms)
}

/// The terms of an option on another instrument.
public struct OptionTerms: Sendable, Equatable {
    public enum Right: String, Sendable, CaseIterable { case call, put }
    public enum Style: String, Sendable, CaseIterable { case european, american }

    public var right: Right
    public var style: Style
    /// In the option's currency, which is its underlying's; above 0 unless the option allows negative prices.
    public var strike: Double
    /// It can be exercised until the end of this day, UTC.
    public var expiry: CalendarDay
    /// Symbol of a spot, future or currency pair.
    public var underlying: String
    /// Per √year, 0.2 for 20 %; in price units under ``OptionModel/bachelier``. `nil` where it is implied from the
    /// option's own price.
    public var volatility: Double?
    /// Interest rate of the option's currency, per year, continuously compounded.
    public var rate: Double
    /// Dividend yield of a share or index, interest rate of a pair's base currency; per year, continuously compounded.
    public var yield: Double

    public init(
        right: Right, style: Style = .european, strike: Double, expiry: CalendarDay, underlying: String,
        volatility: Double?, rate: Double = 0, yield: Double = 0
    ) {
        self.right = right
        self.style = style
        self.strike = strike
        self.expiry = expiry
        self.underlying = underlying
        self.volatility = volatility
        self.rate = rate
        self.yield = yield
    }

    /// Minutes until it expires, a begun one counting as whole; 0 when it has. Time is counted in minutes so that
    /// between two of them the same prices give the same values.
    public func minutesToExpiry(atNanoseconds now: UInt64) -> Int {
        let end = self.expiry.startNanoseconds + 86_400_000_000_000
        let left = end - Int64(clamping: now)
        return left <= 0 ? 0 : Int((left + 59_999_999_999) / 60_000_000_000)
    }

    /// Time to expiry in years of 365 days.
    public func yearsToExpiry(atNanoseconds now: UInt64) -> Double {
        Double(self.minutesToExpiry(atNanoseconds: now)) / 525_600
    }
}

/// The pricing model of an option; raw values are the codes shared with the kernels.
public enum OptionModel: UInt8, Sendable, CaseIterable {
    /// Lognormal spot with a carry of rate − yield.
    case blackScholesMerton
    /// Lognormal forward.
    case black76
    /// Normal forward: for prices that may be negative.
    case bachelier
}

extension OptionModel {
    /// The model follows from the instruments, never from today's prices.
    public init(option: Instrument, underlying: Instrument) {
        if option.allowsNegativePrices {
            self = .bachelier
        } else if underlying.kind == .future {
            self = .black76
        } else {
            self = .blackScholesMerton
        }
    }
}
