// SPDX-License-Identifier: Apache-2.0
// Loads all data files into the inputs of the engine.

import RiskDomain

public enum DataFiles {
    /// Reads and checks instruments, accounts, positions, history and scenarios (DESIGN.md §8 and §5).
    ///
    /// Files are at most 256 MiB, scenarios 1 MiB. Throws up to ``DataFileError/problemsMax`` problems of all files
    /// together, in the order of the files.
    public static func load(
        _ data: Configuration.Data, convention: RiskConvention
    ) throws(DataFileError) -> RiskInputs {
        try DataFileError.collecting { log in
            let instruments = InstrumentFile.read(data.instruments, log: log)
            let accounts = AccountFile.read(data.accounts, log: log)
            let positions = PositionFile.read(
                data.positions, instruments: instruments, accounts: accounts, log: log)
            let history = HistoryFile.read(
                data.history, symbols: instruments?.symbols, unknownColumns: .refuse, log: log)
            let scenarios = ScenarioFile.read(data.scenarios, instruments: instruments, log: log)
            // The inputs' preconditions hold only for files without a problem.
            guard log.isEmpty, let instruments, let accounts else { return nil }
            return RiskInputs(
                instruments: instruments.instruments, accounts: accounts.accounts, positions: positions,
                history: history, stressScenarios: scenarios, convention: convention)
        }
    }
}
