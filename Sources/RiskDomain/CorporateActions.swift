// SPDX-License-Identifier: Apache-2.0
// Brings a recorded book and its history to today's shares.

/// Back-adjustment for splits and cash dividends.
///
/// ```
/// closes before a split of ratio s      P / s
/// closes before a dividend D            P · (1 − D / P_prev), P_prev the last close before it in the shares of then
/// positions of before a split           quantity · s, cost / s
/// positions of before a dividend        cash += quantity · D · multiplier
/// options on a split share              strike / s, a volatility in price units / s, their closes and positions as
///                                       the share's
/// ```
/// The factors are those of adjusted closing prices by the standards of the Center for Research in Security Prices
/// (CRSP, "Data Definitions", factors to adjust prices; Yahoo Finance, "What is the adjusted close?", with the factor
/// 1 − 0.08 / 24.96 of a dividend of 0.08 after a close of 24.96). Market values, unrealised P&L and returns are the
/// same before and after a split.
public enum CorporateActions {
    public struct Outcome: Sendable, Equatable {
        public var book: RecordedBook
        /// In the order of application; the book is meaningless when there are any.
        public var refusals: [CorporateActionRefusal]
    }

    /// Applies actions by date, those of one day in their order in the list.
    ///
    /// A position without ``DatedPosition/asOf`` counts as written after all of them. An option's strike is taken to be
    /// of the day its positions are; without positions it stays.
    ///
    /// - Parameter actions: in any order, of spot instruments of the book.
    public static func apply(_ actions: [CorporateAction], to book: RecordedBook) -> Outcome {
        var ledger = Ledger(book)
        let order = actions.indices.sorted { (actions[$0].date, $0) < (actions[$1].date, $1) }
        for index in order {
            let action = actions[index]
            let reason =
                switch action.kind {
                case .split(let ratio): ledger.split(action, ratio: ratio)
                case .dividend(let amount): ledger.pay(action, amount: amount)
                }
            if let reason { ledger.refusals.append(CorporateActionRefusal(action: index, reason: reason)) }
        }
        return Outcome(book: ledger.book, refusals: ledger.refusals)
    }
}

/// The book on its way, with indices into it.
private struct Ledger {
    var book: RecordedBook
    var refusals: [CorporateActionRefusal] = []
    private let instrumentBySymbol: [String: Int]
    private let optionsByUnderlying: [String: [Int]]
    private let positionsBySymbol: [String: [Int]]
    private let accountByID: [String: Int]
    /// Converts minor units only.
    private let currencies = CurrencyGraph([])

    private static let quantityLimit = 1e12
    private static let cashLimit = 1e15

    init(_ book: RecordedBook) {
        self.book = book
        func index(_ keys: some Sequence<String>) -> [String: Int] {
            Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        }
        self.instrumentBySymbol = index(book.instruments.lazy.map(\.symbol))
        self.accountByID = index(book.accounts.lazy.map(\.id))
        self.positionsBySymbol = Dictionary(
            grouping: book.positions.indices, by: { book.positions[$0].position.symbol })
        self.optionsByUnderlying = Dictionary(
            grouping: book.instruments.indices.filter { book.instruments[$0].option != nil },
            by: { book.instruments[$0].option?.underlying ?? "" })
    }

    /// Count of the history's rows before a day.
    private func rows(before day: CalendarDay) -> Int {
        let text = day.description
        var rows = 0..<self.book.history.dates.count
        while !rows.isEmpty {
            let middle = rows.lowerBound + rows.count / 2
            rows = self.book.history.dates[middle] < text ? middle + 1..<rows.upperBound : rows.lowerBound..<middle
        }
        return rows.lowerBound
    }

    /// Whether a position was written before the event.
    private func precedes(_ position: Int, _ action: CorporateAction) -> Bool {
        self.book.positions[position].asOf.map { $0 < action.date } ?? false
    }

    mutating func split(_ action: CorporateAction, ratio: Double) -> CorporateActionRefusal.Reason? {
        let options = self.optionsByUnderlying[action.symbol] ?? []
        for option in options {
            let symbol = self.book.instruments[option].symbol
            let held = self.positionsBySymbol[symbol] ?? []
            let earlier = held.filter { self.precedes($0, action) }
            guard earlier.isEmpty || earlier.count == held.count else { return .optionOfTwoDays(symbol: symbol) }
            guard earlier.isEmpty || self.divideStrike(ofInstrument: option, by: ratio) else {
                return .beyondRange(symbol: symbol)
            }
        }
        let rows = self.rows(before: action.date)
        for symbol in [action.symbol] + options.map({ self.book.instruments[$0].symbol }) {
            guard self.scaleCloses(of: symbol, rows: rows, by: { $0 / ratio }),
                self.scalePositions(in: symbol, before: action, ratio: ratio)
            else { return .beyondRange(symbol: symbol) }
        }
        return nil
    }

    mutating func pay(_ action: CorporateAction, amount: Double) -> CorporateActionRefusal.Reason? {
        let rows = self.rows(before: action.date)
        if let last = self.book.history.closes[action.symbol]?[..<rows].last(where: \.isFinite) {
            guard amount < last else { return .dividendNotBelowClose(last) }
            guard self.scaleCloses(of: action.symbol, rows: rows, by: { $0 * (1 - amount / last) }) else {
                return .beyondRange(symbol: action.symbol)
            }
        }
        guard let instrument = self.instrumentBySymbol[action.symbol].map({ self.book.instruments[$0] }) else {
            return nil
        }
        for index in self.positionsBySymbol[action.symbol] ?? [] where self.precedes(index, action) {
            let position = self.book.positions[index].position
            guard position.quantity != 0, let account = self.accountByID[position.account] else { continue }
            let currency = self.book.accounts[account].currency
            guard let path = self.currencies.path(from: instrument.currency, to: currency) else {
                return .foreignDividend(account: position.account, currency: currency)
            }
            self.book.accounts[account].cash += position.quantity * amount * instrument.multiplier * path.scale
            guard abs(self.book.accounts[account].cash) <= Self.cashLimit else {
                return .beyondRange(symbol: action.symbol)
            }
        }
        return nil
    }

    /// Blank closes stay blank. - Returns: whether all results are prices.
    private mutating func scaleCloses(of symbol: String, rows: Int, by scale: (Double) -> Double) -> Bool {
        guard var closes = self.book.history.closes.removeValue(forKey: symbol) else { return true }
        var areSound = true
        for row in 0..<rows where !closes[row].isNaN {
            let scaled = scale(closes[row])
            areSound = areSound && abs(scaled) <= Tick.priceLimit && (scaled == 0) == (closes[row] == 0)
            closes[row] = scaled
        }
        self.book.history.closes[symbol] = closes
        return areSound
    }

    /// - Returns: whether quantities and costs stay in range.
    private mutating func scalePositions(in symbol: String, before action: CorporateAction, ratio: Double) -> Bool {
        (self.positionsBySymbol[symbol] ?? []).filter { self.precedes($0, action) }.allSatisfy { index in
            self.book.positions[index].position.quantity *= ratio
            self.book.positions[index].position.averageCost /= ratio
            let position = self.book.positions[index].position
            return abs(position.quantity) <= Self.quantityLimit && abs(position.averageCost) <= Tick.priceLimit
        }
    }

    /// - Returns: whether the strike stays in range.
    private mutating func divideStrike(ofInstrument index: Int, by ratio: Double) -> Bool {
        guard var terms = self.book.instruments[index].option else { return true }
        let strike = terms.strike / ratio
        guard abs(strike) <= Tick.priceLimit, (strike == 0) == (terms.strike == 0) else { return false }
        terms.strike = strike
        // The normal model's volatility is in price units, the lognormal one's is relative.
        if self.book.instruments[index].allowsNegativePrices { terms.volatility = terms.volatility.map { $0 / ratio } }
        self.book.instruments[index].kind = .option(terms)
        return true
    }
}
