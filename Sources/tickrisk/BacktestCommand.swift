// SPDX-License-Identifier: Apache-2.0
// `tickrisk backtest`: what VaR and ES forecast, against what came.

import ArgumentParser
import Foundation
import RiskDomain
import RiskKernel
import RiskReport

extension EqualWeightBook.Side: ExpressibleByArgument {}

struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Tests VaR and expected shortfall over a history of daily closes.",
        discussion: """
            Out of sample: VaR and ES of a day come from the --window returns before it and from nothing else. The \
            book does not change; its P&L of a past day is that of its last market values under that day's returns, \
            in the account's currency. Without a book, 1,000,000 are spread evenly over every column of the history \
            that has a close above 0 on each day.

            A day is an exception where it lost more than its VaR. Traffic lights follow the Basel Committee (1996), \
            by years of 250 days counted back from the last and over all; p-values are Kupiec's and Christoffersen's, \
            small where the forecasts are wrong; Z2 is Acerbi and Szekely's, below -0.70 where ES is too small.

            Examples:
              tickrisk backtest --history history.csv --plot backtest.svg
              tickrisk backtest --history history.csv --instruments instruments.csv --accounts accounts.csv \
            --positions positions.csv --account ALPHA --confidence 9750 --model age_weighted

            Exit status 1 when the files do not hold what it takes, 2 on wrong usage.
            """)

    @Option(help: "File of daily closes, laid out as history.csv; repeatable, no symbol twice.")
    var history: [String]
    @Option(help: "Instrument file of a book.")
    var instruments: String?
    @Option(help: "Position file of a book.")
    var positions: String?
    @Option(help: "Account file of a book.")
    var accounts: String?
    @Option(help: "Account tested; needed where the file has several.")
    var account: String?
    @Option(help: "Book of equal weights: long, short, or neutral (long and short by turns).")
    var book: EqualWeightBook.Side?
    @Option(help: "Daily returns each forecast is made of, 20 to 5,000.")
    var window = 500
    @Option(help: "Confidence in basis points, 5000 to 9999; repeatable. By default 9500, 9750 and 9900.")
    var confidence: [Int] = []
    @Option(
        help: """
            historical, age_weighted, volatility_scaled, parametric or parametric_ewma; repeatable. By default all.
            """)
    var model: [String] = []
    @Option(help: "First day forecast, as 2007-01-03.")
    var from: String?
    @Option(help: "Last day, as 2009-12-31; the book is valued at its closes.")
    var to: String?
    @Option(help: "Write figures, years and exceptions to this file as JSON.")
    var json: String?
    @Option(help: "Draw P&L, VaR at the greatest confidence and exceptions to this file as SVG.")
    var plot: String?
    @Option(help: "Write P&L and forecasts to this file as CSV, a row for each day, model and confidence.")
    var csv: String?

    func validate() throws {
        guard !self.history.isEmpty else { throw ValidationError("--history is needed") }
        guard (20...5_000).contains(self.window) else { throw ValidationError("--window is 20 to 5000") }
        guard self.confidence.allSatisfy({ (5_000...9_999).contains($0) }) else {
            throw ValidationError("--confidence is 5000 to 9999 basis points, 9900 for 99 %")
        }
        for name in self.model where !RollingBacktest.models.map(\.rawValue).contains(name) {
            let known = RollingBacktest.models.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown --model \(name); known are \(known)")
        }
        for date in [self.from, self.to].compactMap(\.self) where CalendarDay(iso8601: date) == nil {
            throw ValidationError("\(date) is not a calendar day as yyyy-mm-dd")
        }
        let given = [self.instruments, self.positions, self.accounts].compactMap(\.self)
        guard given.isEmpty || given.count == 3 else {
            throw ValidationError("a book needs all of --instruments, --positions and --accounts")
        }
        if given.isEmpty, self.account != nil { throw ValidationError("--account needs the files of a book") }
        if !given.isEmpty, self.book != nil { throw ValidationError("give either --book or the files of a book") }
    }

    func run() throws {
        let tier = try KernelTier(named: ProcessInfo.processInfo.environment["TICKRISK_TIER"])
        let confidences = self.confidence.isEmpty ? [9_500, 9_750, 9_900] : Array(Set(self.confidence)).sorted()
        let convention = RiskConvention(window: self.window, confidences: confidences)
        let content = try self.source(convention).load(tier: tier)
        if !content.leftOut.isEmpty {
            let shown = content.leftOut.prefix(20).joined(separator: " ") + (content.leftOut.count > 20 ? " …" : "")
            FileHandle.standardError.write(
                Data("left out, without what it takes: \(content.leftOut.count) symbols: \(shown)\n".utf8))
        }
        let outcome = BacktestOutcome(
            title: content.title, book: content.book, reports: try self.reports(of: content.book, convention),
            leftOut: content.leftOut)
        print(outcome.text, terminator: "")
        if let json { try (outcome.json + "\n").write(toFile: json, atomically: true, encoding: .utf8) }
        if let csv { try outcome.csv.write(toFile: csv, atomically: true, encoding: .utf8) }
        if let plot { try BacktestPlot(outcome).svg.write(toFile: plot, atomically: true, encoding: .utf8) }
    }

    private func source(_ convention: RiskConvention) -> BacktestSource {
        var files: (instruments: String, accounts: String, positions: String, account: String?)?
        if let instruments, let accounts, let positions { files = (instruments, accounts, positions, self.account) }
        return BacktestSource(
            historyFiles: self.history, bookFiles: files, side: self.book ?? .long, lastDate: self.to,
            convention: convention)
    }

    private func reports(of book: FixedBook, _ convention: RiskConvention) throws -> [RollingBacktestReport] {
        let backtest = RollingBacktest(convention: convention)
        let models = RollingBacktest.models.filter { self.model.isEmpty || self.model.contains($0.rawValue) }
        let days = backtest.days(of: book, from: self.from)
        guard !days.isEmpty else {
            throw Failure(
                "the book has \(book.pnl.count) returns; no day has \(self.window) before it"
                    + (self.from.map { " from \($0) on" } ?? ""))
        }
        var bar = ProgressBar(total: days.count * models.count)
        defer { bar.end() }
        return models.enumerated().compactMap { place, model in
            backtest.report(model, of: book, from: self.from) { done in
                bar.show(place * days.count + done, model.rawValue)
            }
        }
    }
}
