// SPDX-License-Identifier: Apache-2.0
// The book that a backtest is about, from files.

import RiskDomain
import RiskFiles
import RiskKernel
import RiskReport

/// Files and dates as given on the command line.
struct BacktestSource {
    let historyFiles: [String]
    /// Instruments, accounts, positions and the account; `nil` for a book of equal weights.
    let bookFiles: (instruments: String, accounts: String, positions: String, account: String?)?
    let side: EqualWeightBook.Side
    /// ISO; the history ends here.
    let lastDate: String?
    let convention: RiskConvention

    /// The currency of a book made of closes alone: ISO 4217 for none.
    static let noCurrency = "XXX"

    /// A book, and what of the files is not in it.
    struct Content {
        let book: FixedBook
        /// For people: "long book of 20 symbols".
        let title: String
        /// Symbols without what it takes, ascending.
        let leftOut: [String]
    }

    func load(tier: KernelTier) throws -> Content {
        guard let bookFiles else { return try self.equalWeights(tier: tier) }
        let loaded = try BookFiles.load(
            instruments: bookFiles.instruments, accounts: bookFiles.accounts, positions: bookFiles.positions,
            history: self.historyFiles)
        let account = try self.account(bookFiles.account, of: loaded.accounts.map(\.id))
        let inputs = RiskInputs(
            instruments: loaded.instruments, accounts: loaded.accounts, positions: loaded.positions,
            history: try self.cut(loaded.history), stressScenarios: [], convention: self.convention)
        guard let book = FixedBook(of: account, inputs: inputs, tier: tier) else {
            throw Failure("\(account): no position has a price and returns in the history")
        }
        let count = inputs.positions.count { $0.account == account && $0.quantity != 0 } - book.excluded.count
        return Content(book: book, title: "account \(account), \(count) positions", leftOut: book.excluded)
    }

    private func account(_ asked: String?, of accounts: [String]) throws -> String {
        guard let account = asked ?? (accounts.count == 1 ? accounts[0] : nil) else {
            throw Failure("the file holds \(accounts.count) accounts; choose one with --account")
        }
        guard accounts.contains(account) else { throw Failure("no account \(account) in the file of accounts") }
        return account
    }

    private func equalWeights(tier: KernelTier) throws -> Content {
        let history = try self.cut(try BookFiles.history(self.historyFiles))
        guard let equal = EqualWeightBook(of: history, side: self.side, currency: Self.noCurrency) else {
            throw Failure("too few columns have a close above 0 on every day for a \(self.side.rawValue) book")
        }
        let inputs = RiskInputs(
            instruments: equal.instruments, accounts: equal.accounts, positions: equal.positions, history: history,
            stressScenarios: [], convention: self.convention)
        guard let book = FixedBook(of: EqualWeightBook.account, inputs: inputs, tier: tier) else {
            throw Failure("the history holds no return")
        }
        return Content(
            book: book, title: "\(self.side.rawValue) book of \(equal.positions.count) symbols",
            leftOut: equal.incomplete)
    }

    private func cut(_ history: ClosingHistory) throws -> ClosingHistory {
        guard let lastDate else { return history }
        let count = history.dates.count { $0 <= lastDate }
        guard count > 0 else { throw Failure("the history begins after \(lastDate)") }
        return ClosingHistory(
            dates: Array(history.dates[..<count]), closes: history.closes.mapValues { Array($0[..<count]) })
    }
}
