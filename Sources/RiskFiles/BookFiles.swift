// SPDX-License-Identifier: Apache-2.0
// Loads what a backtest needs: closes, and a book where there is one.

import RiskDomain

/// A book and the history under it.
public struct LoadedBook: Sendable {
    public var instruments: [Instrument]
    public var accounts: [Account]
    public var positions: [Position]
    public var history: ClosingHistory
}

/// Accounts and what they hold.
public struct LoadedAccounts: Sendable {
    public var accounts: [Account]
    public var positions: [Position]
}

/// Closes and positions without the rest of a daemon's configuration.
public enum BookFiles {
    /// Closes of all columns of the files, every date of any of them.
    ///
    /// - Parameter paths: at least one, no symbol in two of them.
    public static func history(_ paths: [String]) throws(DataFileError) -> ClosingHistory {
        try DataFileError.collecting { self.history(paths, symbols: nil, log: $0) }
    }

    /// A book with the closes of its instruments; columns of others are left out.
    ///
    /// - Parameter history: at least one file, no symbol in two of them.
    public static func load(
        instruments: String, accounts: String, positions: String, history: [String]
    ) throws(DataFileError) -> LoadedBook {
        try DataFileError.collecting { log in
            let instruments = InstrumentFile.read(instruments, log: log)
            let accounts = AccountFile.read(accounts, log: log)
            let positions = PositionFile.read(positions, instruments: instruments, accounts: accounts, log: log)
            let history = self.history(history, symbols: instruments?.symbols, log: log)
            guard log.isEmpty, let instruments, let accounts, let history else { return nil }
            return LoadedBook(
                instruments: instruments.instruments, accounts: accounts.accounts,
                positions: positions.map(\.position), history: history)
        }
    }

    /// Accounts and positions, checked against instruments.
    public static func load(
        instruments: String, accounts: String, positions: String
    ) throws(DataFileError) -> LoadedAccounts {
        try DataFileError.collecting { log in
            let instruments = InstrumentFile.read(instruments, log: log)
            let accounts = AccountFile.read(accounts, log: log)
            let positions = PositionFile.read(positions, instruments: instruments, accounts: accounts, log: log)
            guard log.isEmpty, let accounts else { return nil }
            return LoadedAccounts(accounts: accounts.accounts, positions: positions.map(\.position))
        }
    }

    private static func history(_ paths: [String], symbols: Set<String>?, log: ProblemLog) -> ClosingHistory? {
        let countBefore = log.count
        let files = paths.map { HistoryFile.read($0, symbols: symbols, unknownColumns: .skip, log: log) }
        guard log.count == countBefore else { return nil }
        return HistoryMerge(files, calendar: .union, log: log)?.history
    }
}
