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
        return try DataFileError.collecting { log in
            let content = self.read(path, symbols: known, unknownColumns: unknownColumns, log: log)
            return ClosingHistory(dates: content.dates, closes: content.closes)
        }
    }

    /// One file, with the places of its rows.
    struct Content {
        var path: String
        var dates: [String] = []
        /// Line of each row.
        var lines: [Int] = []
        /// One close a row.
        var closes: [String: [Double]] = [:]
    }

    /// - Parameter symbols: `nil` when the instruments were unreadable: all columns are then taken.
    static func read(
        _ path: String, symbols: Set<String>?, unknownColumns: UnknownColumns, log: ProblemLog
    ) -> Content {
        var content = Content(path: path)
        // Price files from elsewhere mostly say Date.
        let read = CSVTable(path: path, required: ["date"], spellings: ["Date": "date"], log: log)
        guard var table = read, let dateIndex = table.index(of: "date")
        else { return content }
        let taken = self.columnsTaken(table, symbols: symbols, unknownColumns: unknownColumns)
        var closes = [[Double]](repeating: [], count: taken.count)
        var last: CalendarDay?
        while table.nextRow() {
            let text = String(decoding: table.bytes(dateIndex), as: UTF8.self)
            if let day = CalendarDay(iso8601: table.bytes(dateIndex)) {
                if let last, day <= last {
                    table.report(
                        .outOfRange, "date", value: text, "\(text) does not follow \(last); dates ascend strictly")
                } else {
                    last = day
                }
            } else {
                let fact = "\"\(FileProblem.shown(text))\" is not a calendar day as yyyy-mm-dd"
                table.report(.wrongType, "date", value: text, fact)
            }
            content.dates.append(text)
            content.lines.append(table.line)
            for (slot, column) in taken.enumerated() {
                closes[slot].append(self.close(table, column))
            }
        }
        if content.dates.isEmpty, log.isEmpty {
            log.add(.missing, at: ProblemOrigin(source: path), "the file holds no row")
        }
        content.closes = Dictionary(uniqueKeysWithValues: zip(taken, closes).map { (table.columns[$0], $1) })
        return content
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
}
