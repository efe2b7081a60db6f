// SPDX-License-Identifier: Apache-2.0
// Reads `events.csv`: splits and dividends.

import RiskDomain

/// Columns `date,symbol,kind,value`; others are ignored. Kinds are `split` (value: new shares per old one) and
/// `dividend` (value: cash per share in the instrument's currency); the date is the first on which the share trades in
/// its new form.
struct EventFile {
    static let columns = ["date", "symbol", "kind", "value"]
    private static let eventsMax = 100_000

    private enum Word: String, CaseIterable { case split, dividend }

    private struct Key: Hashable {
        var date: CalendarDay
        var symbol: String
        var word: Word
    }

    let path: String
    private(set) var actions: [CorporateAction] = []
    /// Line of each action.
    private var lines: [Int] = []

    /// - Parameters:
    ///   - path: empty for no events.
    ///   - instruments: `nil` when that file was unreadable: symbols are then not checked.
    init(_ path: String, instruments: InstrumentFile.Content?, log: ProblemLog) {
        self.path = path
        guard !path.isEmpty, var table = CSVTable(path: path, required: Self.columns, log: log) else { return }
        let kinds = Dictionary((instruments?.instruments ?? []).map { ($0.symbol, $0.kind) }) { first, _ in first }
        var firstLines: [Key: Int] = [:]
        while table.nextRow() {
            guard self.actions.count < Self.eventsMax else {
                let origin = ProblemOrigin(source: path, line: table.line)
                log.add(.tooLarge, at: origin, "more than \(Self.eventsMax) events")
                return
            }
            let date = table.day("date", in: CSVTable.calendarDays)
            let symbol = table.identifier("symbol")
            let word: Word? = table.choice("kind")
            if let symbol, let known = instruments?.symbols, !known.contains(symbol) {
                table.report(
                    .unknownName, "symbol", value: symbol, "unknown symbol \(symbol)",
                    nearest: NearestName.find(symbol, among: known.sorted()))
            } else if let symbol, let kind = kinds[symbol], kind != .spot {
                table.report(
                    .refused, "symbol", value: symbol,
                    "\(symbol) is not spot; allowed: shares, whose options are adjusted with them")
            }
            let kind = word.flatMap { Self.kind($0, table) }
            guard let date, let symbol, let word, let kind else { continue }
            let key = Key(date: date, symbol: symbol, word: word)
            if let first = firstLines.updateValue(table.line, forKey: key) {
                let fact = "\(symbol) has a \(word.rawValue) on \(date) already; first on line \(first)"
                table.report(.duplicate, "symbol", value: symbol, fact)
            }
            self.actions.append(CorporateAction(date: date, symbol: symbol, kind: kind))
            self.lines.append(table.line)
        }
    }

    private static func kind(_ word: Word, _ table: CSVTable) -> CorporateAction.Kind? {
        switch word {
        case .split:
            table.number("value", allowed: "new shares per old one, 1e-6 to 1e6") { $0 >= 1e-6 && $0 <= 1e6 }
                .map { .split(ratio: $0) }
        case .dividend:
            table.number("value", allowed: "cash per share, above 0, at most 1e12") { $0 > 0 && $0 <= 1e12 }
                .map { .dividend(amount: $0) }
        }
    }

    /// The book in today's shares; `nil` after logging which events cannot be applied.
    func applied(to book: RecordedBook, log: ProblemLog) -> RecordedBook? {
        let outcome = CorporateActions.apply(self.actions, to: book)
        for refusal in outcome.refusals {
            let (column, fact) = Self.message(refusal.reason, of: self.actions[refusal.action])
            let origin = ProblemOrigin(source: self.path, line: self.lines[refusal.action])
            log.add(.refused, at: origin, name: column, "column \(column): \(fact)")
        }
        return outcome.refusals.isEmpty ? outcome.book : nil
    }

    private static func message(
        _ reason: CorporateActionRefusal.Reason, of action: CorporateAction
    ) -> (column: String, fact: String) {
        switch reason {
        case .dividendNotBelowClose(let close):
            ("value", "the dividend is not below \(close), the last close of \(action.symbol) before it")
        case .foreignDividend(let account, let currency):
            (
                "symbol",
                """
                account \(account), which holds \(action.symbol), is in \(currency), not the dividend's currency; \
                leave as_of of its position blank and book the cash there
                """
            )
        case .optionOfTwoDays(let symbol):
            (
                "symbol",
                """
                positions in \(symbol), an option on \(action.symbol), are not all of before the split or all of after \
                it; give them one as_of
                """
            )
        case .beyondRange(let symbol):
            ("value", "a close, cost, quantity, strike or cash of \(symbol) would leave the range accepted in files")
        }
    }
}
