// SPDX-License-Identifier: Apache-2.0
// Daily closes, as the history file gives them.

/// Closes by date and symbol.
public struct ClosingHistory: Sendable, Equatable {
    /// ISO dates, strictly ascending.
    public var dates: [String]
    /// One close per date for each symbol; NaN where the file is blank.
    public var closes: [String: [Double]]

    /// - Precondition: every column has one close per date.
    public init(dates: [String], closes: [String: [Double]]) {
        precondition(closes.values.allSatisfy { $0.count == dates.count })
        self.dates = dates
        self.closes = closes
    }

    /// The newest row's close, or `nil` where it is blank, not positive, or the symbol is not in the file.
    public func lastClose(of symbol: String, allowsNegative: Bool = false) -> Double? {
        guard let close = self.closes[symbol]?.last, close.isFinite, allowsNegative || close > 0 else { return nil }
        return close
    }

    /// The close on a day, else the last before it; `nil` where that is blank, not positive, or there is none.
    public func close(of symbol: String, on date: String) -> Double? {
        guard let row = self.dates.lastIndex(where: { $0 <= date }), let close = self.closes[symbol]?[row],
            close.isFinite, close > 0
        else { return nil }
        return close
    }
}
