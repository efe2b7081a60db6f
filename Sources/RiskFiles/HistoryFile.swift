// SPDX-License-Identifier: Apache-2.0
// Reads `history.csv` and files of its layout.

import RiskDomain

/// Column `date` and one column of closes a symbol. Dates are real calendar days as yyyy-mm-dd, strictly ascending; a
/// blank close is NaN.
public enum HistoryFile {
    /// What a column of a symbol that is not asked for means.
    public enum UnknownColumns: Sendable {
        /// An error that names the nearest symbol.
        case refuse
        /// It is left out.
        case skip
    }

    /// The closes of the known symbols that the file has, at least one row.
    ///
    /// - Parameter symbols: known symbols; one without a column is left out of the result.
    public static func load(
        _ path: String, symbols: some Sequence<String>, unknownColumns: UnknownColumns = .refuse
    ) throws(DataFileError) -> ClosingHistory {
        let known = Set(symbols)
        return try DataFileError.collecting { self.read(path, symbols: known, unknownColumns: unknownColumns, log: $0) }
    }

    /// - Parameter symbols: `nil` when the instruments were unreadable: all columns are then taken.
    static func read(
        _ path: String, symbols: Set<String>?, unknownColumns: UnknownColumns, log: ProblemLog
    ) -> ClosingHistory {
        let empty = ClosingHistory(dates: [], closes: [:])
        guard var table = CSVTable(path: path, required: ["date"], log: log), let dateIndex = table.index(of: "date")
        else { return empty }
        let taken = self.columnsTaken(table, symbols: symbols, unknownColumns: unknownColumns)
        var dates: [String] = []
        var closes = [[Double]](repeating: [], count: taken.count)
        var last = (day: 0, text: "")
        while table.nextRow() {
            let text = String(decoding: table.bytes(dateIndex), as: UTF8.self)
            if let day = self.dayNumber(table.bytes(dateIndex)) {
                if day <= last.day {
                    let fact = "\(text) does not follow \(last.text); dates ascend strictly"
                    table.report(.outOfRange, "date", value: text, fact)
                } else {
                    last = (day, text)
                }
            } else {
                let fact = "\"\(FileProblem.shown(text))\" is not a calendar day as yyyy-mm-dd"
                table.report(.wrongType, "date", value: text, fact)
            }
            dates.append(text)
            for (slot, column) in taken.enumerated() {
                closes[slot].append(self.close(table, column))
            }
        }
        if dates.isEmpty, log.isEmpty {
            log.add(.missing, at: ProblemOrigin(source: path), "the file holds no row")
        }
        let bySymbol = zip(taken, closes).map { (table.columns[$0], $1) }
        return ClosingHistory(dates: dates, closes: Dictionary(uniqueKeysWithValues: bySymbol))
    }

    private static func columnsTaken(
        _ table: CSVTable, symbols: Set<String>?, unknownColumns: UnknownColumns
    ) -> [Int] {
        var taken: [Int] = []
        for (index, column) in table.columns.enumerated() where column != "date" {
            guard let symbols, !symbols.contains(column) else {
                taken.append(index)
                continue
            }
            if unknownColumns == .refuse {
                table.report(
                    .unknownName, column, value: column, "no instrument has this symbol",
                    nearest: NearestName.find(column, among: symbols.sorted()))
            }
        }
        if taken.isEmpty, table.log.isEmpty {
            let origin = ProblemOrigin(source: table.path, line: table.line)
            table.log.add(.missing, at: origin, "the file holds no column of a known symbol")
        }
        return taken
    }

    private static func close(_ table: CSVTable, _ column: Int) -> Double {
        let bytes = table.bytes(column)
        if bytes.isEmpty { return .nan }
        guard let close = DecimalNumber.parse(bytes), abs(close) <= Tick.priceLimit else {
            let shown = FileProblem.shown(String(decoding: bytes, as: UTF8.self))
            let fact = "\"\(shown)\" is not a number such as 12.5 within 1e12, nor blank"
            table.report(.wrongType, table.columns[column], value: shown, fact)
            return .nan
        }
        return close
    }

    /// Ascends with the calendar: year · 10,000 + month · 100 + day; `nil` unless it is a day of the calendar.
    static func dayNumber(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count == 10 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            let part = bytes.dropFirst(range.lowerBound).prefix(range.count)
            return part.first == UInt8(ascii: "-") ? nil : DecimalNumber.parseWhole(part)
        }
        let dash = UInt8(ascii: "-")
        guard bytes[bytes.startIndex + 4] == dash, bytes[bytes.startIndex + 7] == dash,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), year > 0,
            (1...12).contains(month)
        else { return nil }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(day) ? year * 10_000 + month * 100 + day : nil
    }
}
