// SPDX-License-Identifier: Apache-2.0
// Loads all data files into the inputs of the engine.

import RiskDomain

/// What the data files became.
public struct LoadedData: Sendable {
    public let inputs: RiskInputs
    public let historyReport: HistoryReport

    /// The same with some of the accounts, and what these hold.
    public func keeping(accounts isKept: (String) -> Bool) -> LoadedData {
        var inputs = self.inputs
        inputs.accounts = inputs.accounts.filter { isKept($0.id) }
        inputs.positions = inputs.positions.filter { isKept($0.account) }
        return LoadedData(inputs: inputs, historyReport: self.historyReport)
    }
}

public enum DataFiles {
    /// Reads and checks all data files that a configuration names (DESIGN.md §8 and §5).
    ///
    /// Files are at most 256 MiB, scenarios 1 MiB. Throws up to ``DataFileError/problemsMax`` problems of all files
    /// together, in the order of the files, and last what the configuration asks of them in vain. Closes and positions
    /// are adjusted for the events first; blanks are filled then, so that no close of old shares is carried.
    public static func load(_ configuration: Configuration) throws(DataFileError) -> LoadedData {
        try DataFileError.collecting { self.read(configuration, log: $0) }
    }

    /// The inputs alone, with the standard treatment of the history.
    public static func load(
        _ data: Configuration.Data, convention: RiskConvention, models: RiskModelSettings = RiskModelSettings()
    ) throws(DataFileError) -> RiskInputs {
        try self.load(Configuration(data: data, risk: convention, models: models)).inputs
    }

    private static func read(_ configuration: Configuration, log: ProblemLog) -> LoadedData? {
        let data = configuration.data
        let instruments = InstrumentFile.read(data.instruments, log: log)
        let accounts = AccountFile.read(data.accounts, log: log)
        let positions = PositionFile.read(data.positions, instruments: instruments, accounts: accounts, log: log)
        let countBefore = log.count
        let files = data.history.map {
            HistoryFile.read($0, symbols: instruments?.symbols, unknownColumns: .refuse, log: log)
        }
        let merge =
            log.count == countBefore
            ? HistoryMerge(files, calendar: configuration.history.calendar, log: log) : nil
        let events = EventFile(data.events, instruments: instruments, log: log)
        let surroundings = ScenarioFile.Surroundings(
            instruments: instruments, currencies: self.currencies(instruments, accounts),
            baseCurrency: CurrencyCode.whole(configuration.risk.baseCurrency),
            dates: merge.flatMap { self.range(of: $0.history.dates) })
        let scenarios = ScenarioFile.read(data.scenarios, surroundings: surroundings, log: log)
        // The preconditions of what follows hold only for files without a problem.
        guard log.isEmpty, let instruments, let accounts, let merge else { return nil }
        let recorded = RecordedBook(
            instruments: instruments.instruments, accounts: accounts.accounts, positions: positions,
            history: merge.history)
        guard var book = events.applied(to: recorded, log: log) else { return nil }
        let filled = book.history.fillBlanks(days: configuration.history.fillDays)
        let inputs = RiskInputs(
            instruments: book.instruments, accounts: book.accounts, positions: book.positions.map(\.position),
            history: book.history, stressScenarios: scenarios, convention: configuration.risk,
            models: configuration.models)
        self.checkLevels(of: inputs, log: log)
        let report = HistoryReport(files: files, merge: merge, closesFilled: filled, inputs: inputs)
        return LoadedData(inputs: inputs, historyReport: report)
    }

    /// Whole currencies of instruments, pairs and accounts; `nil` where a row was refused.
    private static func currencies(
        _ instruments: InstrumentFile.Content?, _ accounts: AccountFile.Content?
    ) -> Set<String>? {
        guard let instruments, let quoted = instruments.currencies, let accounts,
            accounts.accounts.count == accounts.identifiers.count
        else { return nil }
        let bases = instruments.instruments.compactMap { instrument -> String? in
            if case .currencyPair(let base) = instrument.kind { base } else { nil }
        }
        return Set((Array(quoted) + bases + accounts.accounts.map(\.currency)).map(CurrencyCode.whole))
    }

    /// First and last of ascending dates; `nil` for none.
    private static func range(of dates: [String]) -> ClosedRange<String>? {
        guard let first = dates.first, let last = dates.last else { return nil }
        return first...last
    }

    /// Refuses confidences at which the quantile has no value among the scenarios loaded.
    private static func checkLevels(of inputs: RiskInputs, log: ProblemLog) {
        let convention = inputs.convention
        let count = inputs.scenarios.count
        for confidence in convention.confidences
        where !convention.quantile.hasValue(confidence: confidence, scenarios: count) {
            let reachable = (1...9_999).filter { convention.quantile.hasValue(confidence: $0, scenarios: count) }
            let range = reachable.first.flatMap { first in reachable.last.map { "\(first) to \($0)" } }
            let fact = """
                risk.confidences_bp has \(confidence), at which the \(convention.quantile.rawValue) quantile of the \
                \(count) scenarios loaded has no value; allowed: \(range ?? "none"), or another risk.quantile
                """
            let origin = ProblemOrigin(source: "configuration")
            log.add(.refused, at: origin, name: "risk.confidences_bp", value: "\(confidence)", fact)
        }
    }
}
