// SPDX-License-Identifier: Apache-2.0
// Invented instruments that the synthetic market and the synthetic book share.

import RiskDomain

/// Instruments `SYN00001`, `SYN00002` … with identifiers from 1, and their opening prices.
public enum SyntheticInstruments {
    public static let sectors = ["Technology", "Financials", "Energy", "Health Care", "Industrials", "Utilities"]

    /// - Parameter count: 0 to 1,000,000.
    public static func make(count: Int) -> [Instrument] {
        (0..<count).map { index in
            Instrument(
                id: UInt32(index + 1), symbol: "SYN" + Self.padded(index + 1), name: "Synthetic \(index + 1)",
                sector: Self.sectors[index % Self.sectors.count], currency: "USD", tickSize: 0.0001,
                marginRate: [0.25, 0.3, 0.5][index % 3])
        }
    }

    /// Prices from 10 to 500 on a grid of 0.0001, by index; the start of the market and the end of the history.
    public static func openingPrices(count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in (Double(100_000 + random.nextIndex(below: 4_900_001))) / 10_000 }
    }

    static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
