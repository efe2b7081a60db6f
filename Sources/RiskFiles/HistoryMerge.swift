// SPDX-License-Identifier: Apache-2.0
// Lays the closes of several history files side by side, aligned by date.

import RiskDomain

/// The files as one history.
///
/// ```
/// a.csv       b.csv        union             intersection
/// date,AAA    date,BBB     date,AAA,BBB      date,AAA,BBB
/// 01-02,1     01-02,7      01-02,1,7         01-02,1,7
/// 01-03,2     01-06,8      01-03,2,
///                          01-06,,8
/// ```
struct HistoryMerge {
    let history: ClosingHistory
    /// Dates of some file that the calendar leaves out.
    let datesDropped: Int
    private let files: [HistoryFile.Content]
    private let fileBySymbol: [String: Int]

    /// `nil` after logging that a symbol is in two files, or that no date is in all.
    ///
    /// - Parameter files: sound, at least one.
    init?(_ files: [HistoryFile.Content], calendar: Configuration.History.Calendar, log: ProblemLog) {
        self.files = files
        var fileBySymbol: [String: Int] = [:]
        var isSound = true
        for (index, file) in files.enumerated() {
            for symbol in file.closes.keys.sorted() {
                guard let first = fileBySymbol.updateValue(index, forKey: symbol) else { continue }
                let fact = "column \(symbol): \(symbol) is in \(FileProblem.shown(files[first].path)) too"
                let origin = ProblemOrigin(source: file.path, line: 1)
                log.add(.duplicate, at: origin, name: symbol, value: symbol, fact)
                isSound = false
            }
        }
        self.fileBySymbol = fileBySymbol
        guard files.count > 1 else {
            self.history = ClosingHistory(dates: files[0].dates, closes: files[0].closes)
            self.datesDropped = 0
            return
        }
        var counts: [String: Int] = [:]
        for file in files { for date in file.dates { counts[date, default: 0] += 1 } }
        let dates = counts.keys.filter { calendar == .union || counts[$0] == files.count }.sorted()
        self.datesDropped = counts.count - dates.count
        if dates.isEmpty {
            let fact = "the \(files.count) history files have no date in common; allowed: history.calendar union"
            log.add(.refused, at: ProblemOrigin(source: files[0].path), fact)
        }
        guard isSound, !dates.isEmpty else { return nil }
        let rowByDate = Dictionary(uniqueKeysWithValues: dates.enumerated().map { ($1, $0) })
        var closes: [String: [Double]] = [:]
        for file in files {
            let rows = file.dates.map { rowByDate[$0] }
            for (symbol, own) in file.closes {
                var column = [Double](repeating: .nan, count: dates.count)
                for (row, close) in zip(rows, own) { if let row { column[row] = close } }
                closes[symbol] = column
            }
        }
        self.history = ClosingHistory(dates: dates, closes: closes)
    }

    /// Where a symbol's close of a date stands: its file, and the line unless that file has no such date.
    func place(of symbol: String, date: String) -> (path: String, line: Int?)? {
        guard let file = self.fileBySymbol[symbol].map({ self.files[$0] }) else { return nil }
        return (file.path, file.dates.firstIndex(of: date).map { file.lines[$0] })
    }
}
