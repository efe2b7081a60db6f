// SPDX-License-Identifier: Apache-2.0
// The historical scenarios of all instruments: the input of VaR and ES.

/// Simple one-day returns `P_t / P_{t−1} − 1` of the newest rows of the history, one row of scenarios an instrument.
public struct ScenarioReturns: Sendable, Equatable {
    /// The later day of each return, ascending; its count is N, the number of scenarios.
    public let dates: [String]
    /// By instrument index: N returns, or `nil` for an instrument without history.
    public let rows: [[Double]?]

    public var count: Int { self.dates.count }

    /// - Parameters:
    ///   - history: needs N + 1 rows for N returns; with fewer, what is there is used.
    ///   - instruments: in index order.
    ///   - window: the most returns to use.
    public init(
        history: ClosingHistory, instruments: [Instrument], window: Int, missingHistory: MissingHistoryPolicy
    ) {
        let first = max(0, history.dates.count - window - 1)
        self.dates = Array(history.dates[min(first + 1, history.dates.count)...])
        let own = Dictionary(
            uniqueKeysWithValues: instruments.map { instrument in
                (instrument.symbol, history.closes[instrument.symbol].flatMap { Self.returns(of: $0[first...]) })
            })
        self.rows = instruments.map { instrument in
            if let row = own[instrument.symbol] ?? nil { return row }
            guard missingHistory == .proxy, let proxy = instrument.proxy, let row = own[proxy.symbol] ?? nil else {
                return nil
            }
            return row.map { proxy.beta * $0 }
        }
    }

    /// `nil` when a close in the window is blank or not positive, or there are fewer than two.
    static func returns(of closes: ArraySlice<Double>) -> [Double]? {
        guard closes.count >= 2, closes.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
        return zip(closes.dropFirst(), closes).map { later, earlier in later / earlier - 1 }
    }
}
