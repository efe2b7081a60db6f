// SPDX-License-Identifier: Apache-2.0
// Invented options and currency pairs, for tests and benchmarks.

import RiskDomain

/// Seeded options on given instruments.
public enum SyntheticOptions {
    /// Calls and puts in turn, struck within a quarter of the spot, ten days to two years long, volatilities from 15 to
    /// 60 %; every fourth is American.
    ///
    /// - Parameters:
    ///   - underlyings: taken in turn, with their prices.
    ///   - firstID: wire identifiers count from it; symbols are `OPT00001` ….
    ///   - day: from which expiries count.
    public static func make(
        count: Int, on underlyings: [(instrument: Instrument, price: Double)], firstID: UInt32, from day: CalendarDay,
        seed: UInt64
    ) -> [Instrument] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { number in
            let (underlying, price) = underlyings[number % underlyings.count]
            let strike = max(0.01, (price * (0.75 + 0.5 * random.nextUniform()) * 100).rounded() / 100)
            let terms = OptionTerms(
                right: number.isMultiple(of: 2) ? .call : .put, style: number % 4 == 3 ? .american : .european,
                strike: strike,
                expiry: CalendarDay(daysSince1970: day.daysSince1970 + 10 + random.nextIndex(below: 720)),
                underlying: underlying.symbol, volatility: 0.15 + 0.45 * random.nextUniform(),
                rate: 0.05 * random.nextUniform(), yield: 0.04 * random.nextUniform())
            return Instrument(
                id: firstID + UInt32(number), symbol: "OPT" + SyntheticInstruments.padded(number + 1),
                name: "Synthetic option \(number + 1)", sector: underlying.sector, currency: underlying.currency,
                multiplier: 100, kind: .option(terms))
        }
    }
}

/// Seeded currency pairs with their history.
public enum SyntheticCurrencies {
    public static let pairs: [(base: String, quote: String, price: Double)] = [
        ("EUR", "USD", 1.1), ("USD", "JPY", 150), ("GBP", "USD", 1.25), ("EUR", "CHF", 0.95),
    ]

    public static func instruments(firstID: UInt32) -> [Instrument] {
        self.pairs.enumerated().map { number, pair in
            Instrument(
                id: firstID + UInt32(number), symbol: pair.base + pair.quote, name: "\(pair.base)/\(pair.quote)",
                sector: "Currencies", currency: pair.quote, tickSize: 0.0001, marginRate: 0.05, priceDecimals: 5,
                kind: .currencyPair(base: pair.base))
        }
    }

    /// Closes by symbol, `rows` of them, about half a percent a day, ending at ``pairs``' prices.
    public static func closes(rows: Int, seed: UInt64) -> [String: [Double]] {
        var random = SplitMix64(seed: seed)
        return Dictionary(
            uniqueKeysWithValues: self.pairs.map { pair in
                var column = [pair.price]
                while column.count < rows {
                    column.append(column[column.count - 1] / (1 + 0.005 * random.nextApproximateNormal()))
                }
                return (pair.base + pair.quote, Array(column.prefix(rows).reversed()))
            })
    }
}
