// SPDX-License-Identifier: Apache-2.0
// What became of the history files on their way to scenarios.

import RiskDomain

/// Told at start and by `tickriskd --check`.
public struct HistoryReport: Sendable, Equatable {
    public struct File: Sendable, Equatable {
        public var path: String
        public var rows: Int
        public var symbols: Int
        /// ISO dates of the first and last row.
        public var first: String
        public var last: String
    }

    /// An instrument that the scenarios do not reach by returns of its own.
    public struct Gap: Sendable, Equatable {
        public enum Reason: Sendable, Equatable {
            /// No file has a column of it.
            case noColumn
            /// The first blank close in the window; without a line its file has no row of that date.
            case blank(date: String, path: String, line: Int?)
            /// The first close in the window that is not above 0.
            case notPositive(date: String, path: String, line: Int?)
            /// The window has fewer returns than are asked for.
            case tooFew(returns: Int, minimum: Int)
        }

        public var symbol: String
        public var reason: Reason
    }

    public var files: [File]
    /// Dates that not every file has, left out by the calendar.
    public var datesDropped: Int
    /// Closes carried forward, by symbol.
    public var closesFilled: [String: Int]
    /// Ascending by symbol; options, which need no history, are not among them.
    public var withoutHistory: [Gap]

    private static let namesMax = 20

    init(files: [HistoryFile.Content], merge: HistoryMerge, closesFilled: [String: Int], inputs: RiskInputs) {
        self.files = files.map { file in
            File(
                path: file.path, rows: file.dates.count, symbols: file.closes.count, first: file.dates.first ?? "",
                last: file.dates.last ?? "")
        }
        self.datesDropped = merge.datesDropped
        self.closesFilled = closesFilled
        let instruments = inputs.instruments.filter { $0.option == nil }
        self.withoutHistory = instruments.map(\.symbol).sorted().compactMap { symbol in
            Self.reason(of: symbol, inputs: inputs, merge: merge).map { Gap(symbol: symbol, reason: $0) }
        }
    }

    /// Why an instrument has no returns of its own; `nil` where it has.
    private static func reason(of symbol: String, inputs: RiskInputs, merge: HistoryMerge) -> Gap.Reason? {
        guard let closes = inputs.history.closes[symbol] else { return .noColumn }
        let convention = inputs.convention
        let first = max(0, closes.count - convention.window - convention.scenarioDays)
        if let row = closes[first...].firstIndex(where: { !($0 > 0) }) {
            let date = inputs.history.dates[row]
            guard let place = merge.place(of: symbol, date: date) else { return .noColumn }
            return closes[row].isNaN
                ? .blank(date: date, path: place.path, line: place.line)
                : .notPositive(date: date, path: place.path, line: place.line)
        }
        let minimum = max(1, convention.minimumReturns)
        let count = inputs.scenarios.count
        return count < minimum ? .tooFew(returns: count, minimum: minimum) : nil
    }

    /// The report for people: a line a file, one for what was dropped or filled, one for each of at most twenty gaps.
    public var lines: [String] {
        var lines = self.files.map { file in
            let path = FileProblem.shown(file.path)
            return "\(path): \(file.rows) rows of \(file.symbols) symbols, \(file.first) to \(file.last)"
        }
        if self.datesDropped > 0 { lines.append("\(self.datesDropped) dates dropped that not every file has") }
        if !self.closesFilled.isEmpty {
            let counts = self.closesFilled.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            let total = self.closesFilled.values.reduce(0, +)
            lines.append("\(total) blank closes filled: \(Self.listed(counts).joined(separator: ", "))")
        }
        return lines + Self.listed(self.withoutHistory.map(\.description))
    }

    private static func listed(_ texts: [String]) -> [String] {
        guard texts.count > self.namesMax else { return texts }
        return texts[..<self.namesMax] + ["and \(texts.count - self.namesMax) more"]
    }
}

extension HistoryReport.Gap: CustomStringConvertible {
    /// One line, such as `BBB is without history: blank on 2020-02-29 at history.csv:3`.
    public var description: String {
        func at(_ path: String, _ line: Int?) -> String {
            let shown = FileProblem.shown(path)
            return line.map { "at \(shown):\($0)" } ?? "as \(shown) has no such date"
        }
        let reason =
            switch self.reason {
            case .noColumn: "no file has a column of it"
            case .blank(let date, let path, let line): "blank on \(date) \(at(path, line))"
            case .notPositive(let date, let path, let line): "not above 0 on \(date) \(at(path, line))"
            case .tooFew(let returns, let minimum): "\(returns) returns where history.min_returns is \(minimum)"
            }
        return "\(FileProblem.shown(self.symbol)) is without history: \(reason)"
    }
}
