// SPDX-License-Identifier: Apache-2.0
// A book made of a history alone: the same amount of every symbol.

import RiskDomain

/// One account that holds the same amount of each of the symbols, in a currency of its own.
public struct EqualWeightBook: Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case long
        case short
        /// Long and short by turns in symbol order, each side half of the amount.
        case neutral
    }

    public static let account = "BOOK"
    /// `Σ abs(MV)`.
    public static let amount = 1_000_000.0

    public let instruments: [Instrument]
    public let positions: [Position]
    public let accounts: [Account]
    /// Symbols left out because a close of theirs is blank or not positive, ascending.
    public let incomplete: [String]

    /// - Returns: `nil` where no symbol has every close of the history, and where there are not two for two sides.
    public init?(of history: ClosingHistory, side: Side, currency: String) {
        let symbols = history.closes.keys.sorted()
        let complete = symbols.filter { symbol in
            history.closes[symbol]?.allSatisfy { $0.isFinite && $0 > 0 } == true
        }
        guard !history.dates.isEmpty, complete.count >= (side == .neutral ? 2 : 1) else { return nil }
        self.incomplete = symbols.filter { !complete.contains($0) }
        self.instruments = complete.enumerated().map { index, symbol in
            Instrument(id: UInt32(index), symbol: symbol, name: symbol, sector: "", currency: currency)
        }
        self.accounts = [
            Account(id: Self.account, name: "\(side.rawValue) book", currency: currency, cash: 0, marginLimit: nil)
        ]
        self.positions = complete.enumerated().map { index, symbol in
            let close = history.lastClose(of: symbol) ?? .nan
            let weight = Self.weight(of: index, count: complete.count, side: side)
            return Position(
                account: Self.account, symbol: symbol, quantity: weight * Self.amount / close, averageCost: close)
        }
    }

    /// Signed part of the amount; the magnitudes sum to 1.
    private static func weight(of index: Int, count: Int, side: Side) -> Double {
        switch side {
        case .long: return 1 / Double(count)
        case .short: return -1 / Double(count)
        case .neutral:
            let shorts = count / 2
            return index.isMultiple(of: 2) ? 0.5 / Double(count - shorts) : -0.5 / Double(shorts)
        }
    }
}
