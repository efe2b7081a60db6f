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
}
