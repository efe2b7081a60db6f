// SPDX-License-Identifier: Apache-2.0
// What of a changed configuration a running daemon can take over, and what keeps it from doing so.

import RiskDomain

/// Why nothing is taken over.
public struct ReloadRefusal: Error, Equatable, CustomStringConvertible {
    private static let namesMax = 8

    /// Keys, and rows of data files, by name.
    public let names: [String]
    public let reason: String

    public init(names: [String] = [], reason: String = "needs a restart") {
        self.names = names
        self.reason = reason
    }

    public var description: String {
        if self.names.isEmpty { return self.reason }
        return "\(self.reason): \(self.names.prefix(Self.namesMax).joined(separator: ", "))"
            + (self.names.count > Self.namesMax ? " and \(self.names.count - Self.namesMax) more" : "")
    }
}

/// Pure. All or nothing: a plan exists only where everything that differs can be taken over.
public struct ReloadPlan: Sendable {
    /// Keys that take effect while the daemon runs; the files of `data` do so by their content.
    public static let keys = [
        "log.level", "orders.*", "data.instruments", "data.history", "data.scenarios", "data.events",
        "history.fill_days", "history.calendar",
    ]

    public let configuration: Configuration
    public let inputs: RiskInputs
    /// Whether the engine needs other scenarios, stress or instruments.
    public let hasOtherInputs: Bool
    /// Symbols that go, or come back on other terms: nothing may depend on them.
    public let leaving: [String]
    /// Keys and files that differ, for the log; empty where nothing does.
    public let changes: [String]

    public init(
        from running: (configuration: Configuration, inputs: RiskInputs),
        to wanted: (configuration: Configuration, inputs: RiskInputs)
    ) throws(ReloadRefusal) {
        let keys = wanted.configuration.changedKeys(from: running.configuration)
        var refused = keys.filter { !Self.isReloadable($0) }
        refused += Self.refusedRows(running.inputs, wanted.inputs)
        guard refused.isEmpty else { throw ReloadRefusal(names: refused) }
        var files: [String] = []
        if wanted.inputs.instruments != running.inputs.instruments { files.append("instruments") }
        if wanted.inputs.positions != running.inputs.positions { files.append("positions") }
        if !wanted.inputs.history.isSame(as: running.inputs.history) { files.append("history") }
        if wanted.inputs.stressScenarios != running.inputs.stressScenarios { files.append("scenarios") }
        self.configuration = wanted.configuration
        self.inputs = wanted.inputs
        self.hasOtherInputs = !files.isEmpty
        let directory = running.inputs.directory
        self.leaving = zip(directory.symbols, directory.indices(in: wanted.inputs.directory))
            .filter { $1 == nil }.map(\.0)
        self.changes = keys + files.filter { !keys.contains("data.\($0)") }
    }

    /// Whether a key, as in `orders.per_minute`, takes effect while the daemon runs.
    public static func isReloadable(_ key: String) -> Bool {
        self.keys.contains { pattern in
            pattern.hasSuffix("*") ? key.hasPrefix(pattern.dropLast()) : key == pattern
        }
    }

    /// What differs in the files and has its place for the life of the process: accounts, and what they began with.
    private static func refusedRows(_ running: RiskInputs, _ wanted: RiskInputs) -> [String] {
        var refused: [String] = []
        let old = Dictionary(running.accounts.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let new = Set(wanted.accounts.map(\.id))
        refused += running.accounts.filter { !new.contains($0.id) }.map { "data.accounts: \($0.id) is gone" }
        for account in wanted.accounts {
            guard let before = old[account.id] else {
                refused.append("data.accounts: \(account.id) is new")
                continue
            }
            if account != before { refused.append("data.accounts: \(account.id) has changed") }
        }
        // Rows of instruments that go may go with them.
        let remaining = running.positions.filter { wanted.directory.index(ofSymbol: $0.symbol) != nil }
        if wanted.positions != running.positions, wanted.positions != remaining { refused.append("data.positions") }
        return refused
    }
}

extension ClosingHistory {
    /// Blanks are no numbers, and equal here.
    fileprivate func isSame(as other: ClosingHistory) -> Bool {
        self.dates == other.dates && self.closes.count == other.closes.count
            && self.closes.allSatisfy { symbol, closes in
                other.closes[symbol]?.elementsEqual(closes) { $0.bitPattern == $1.bitPattern } ?? false
            }
    }
}
