// SPDX-License-Identifier: Apache-2.0
// The historical scenarios of all instruments: the input of VaR and ES.

/// Simple returns `P_t / P_{t−h} − 1` of the newest rows of the history, one row of scenarios an instrument; h is 1
/// unless the horizon's windows overlap.
public struct ScenarioReturns: Sendable, Equatable {
    /// The later day of each return, ascending; its count is N, the number of scenarios.
    public let dates: [String]
    /// By instrument index: N returns, or `nil` for an instrument without history. Options have none of their own:
    /// their underlying's move them.
    public let rows: [[Double]?]

    public var count: Int { self.dates.count }

    /// Scenarios are the same, in the same order, where the digests of their dates agree: FNV-1a with 64 bits over the
    /// dates, each with a line end behind it.
    public static func digest(of dates: [String]) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for date in dates {
            for byte in date.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
            digest = (digest ^ 0x0A) &* 0x100_0000_01b3
        }
        return digest
    }

    /// Returns at hand.
    ///
    /// - Precondition: every row has one return per date.
    public init(dates: [String], rows: [[Double]?]) {
        precondition(rows.allSatisfy { $0.map { $0.count == dates.count } ?? true })
        self.dates = dates
        self.rows = rows
    }

    /// - Parameters:
    ///   - history: needs N + h rows for N returns; with fewer, what is there is used.
    ///   - instruments: in index order.
    ///   - window: the most returns to use.
    ///   - days: h, from the one close to the other.
    ///   - minimumReturns: where N is below it, no instrument has history.
    public init(
        history: ClosingHistory, instruments: [Instrument], window: Int, missingHistory: MissingHistoryPolicy,
        days: Int = 1, minimumReturns: Int = 1
    ) {
        let first = max(0, history.dates.count - window - days)
        self.dates = Array(history.dates[min(first + days, history.dates.count)...])
        guard self.dates.count >= minimumReturns else {
            self.rows = instruments.map { _ in nil }
            return
        }
        let own = Dictionary(
            uniqueKeysWithValues: instruments.map { instrument in
                let closes = instrument.option == nil ? history.closes[instrument.symbol] : nil
                return (instrument.symbol, closes.flatMap { Self.returns(of: $0[first...], days: days) })
            })
        self.rows = instruments.map { instrument in
            if let row = own[instrument.symbol] ?? nil { return row }
            guard missingHistory == .proxy, let proxy = instrument.proxy, let row = own[proxy.symbol] ?? nil else {
                return nil
            }
            return row.map { proxy.beta * $0 }
        }
    }

    /// `nil` when a close in the window is blank or not positive, or there are no two `days` apart.
    static func returns(of closes: ArraySlice<Double>, days: Int) -> [Double]? {
        guard closes.count > days, closes.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
        return zip(closes.dropFirst(days), closes).map { later, earlier in later / earlier - 1 }
    }

    /// What each scenario does to a rate: `Π (1 + r_leg)^±1 − 1`; zeros where no pair is involved.
    ///
    /// - Returns: `nil` where a pair has no history.
    public func rateReturns(of path: RatePath) -> [Double]? {
        var growth = [Double](repeating: 1, count: self.count)
        for leg in path.legs {
            guard let row = self.rows[leg.instrument] else { return nil }
            for scenario in growth.indices { growth[scenario] *= leg.factor(1 + row[scenario]) }
        }
        return growth.map { $0 - 1 }
    }
}
