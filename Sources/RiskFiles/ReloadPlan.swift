// SPDX-License-Identifier: Apache-2.0
// What of a changed configuration a running daemon can take over, and what keeps it from doing so.

import RiskDomain

/// Why nothing is taken over: all that would need another start.
public struct ReloadRefusal: Error, Equatable, CustomStringConvertible {
    /// Keys, and rows of data files, by name.
    public let names: [String]

    public init(names: [String]) { self.names = names }

    public var description: String {
        "needs a restart: \(self.names.prefix(8).joined(separator: ", "))"
            + (self.names.count > 8 ? " and \(self.names.count - 8) more" : "")
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
    /// Whether the engine needs other scenarios, stress or terms of instruments.
    public let hasOtherInputs: Bool
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
        if !wanted.inputs.history.isSame(as: running.inputs.history) { files.append("history") }
        if wanted.inputs.stressScenarios != running.inputs.stressScenarios { files.append("scenarios") }
        self.configuration = wanted.configuration
        self.inputs = wanted.inputs
        self.hasOtherInputs = !files.isEmpty
        self.changes = keys + files.filter { !keys.contains("data.\($0)") }
    }

    /// Whether a key, as in `orders.per_minute`, takes effect while the daemon runs.
    public static func isReloadable(_ key: String) -> Bool {
        self.keys.contains { pattern in
            pattern.hasSuffix("*") ? key.hasPrefix(pattern.dropLast()) : key == pattern
        }
    }

    /// What differs in the files and would move rows of the running engine, or change what orders already rest on.
    private static func refusedRows(_ running: RiskInputs, _ wanted: RiskInputs) -> [String] {
        var refused: [String] = []
        let old = Dictionary(running.instruments.map { ($0.symbol, $0) }, uniquingKeysWith: { $1 })
        let new = Set(wanted.instruments.map(\.symbol))
        refused += wanted.instruments.filter { old[$0.symbol] == nil }.map { "new instrument \($0.symbol)" }
        refused += running.instruments.filter { !new.contains($0.symbol) }.map { "instrument \($0.symbol) gone" }
        for instrument in wanted.instruments {
            guard let before = old[instrument.symbol], !before.hasSameTerms(as: instrument) else { continue }
            refused.append("identifier, currency, kind, steps or decimals of \(instrument.symbol)")
        }
        if refused.isEmpty, wanted.instruments.map(\.symbol) != running.instruments.map(\.symbol) {
            refused.append("order of the instruments")
        }
        if wanted.accounts != running.accounts { refused.append("data.accounts") }
        if wanted.positions != running.positions { refused.append("data.positions") }
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

extension Instrument {
    /// Whether nothing differs but what only risk looks at: sector, margin rate, tags, proxy.
    fileprivate func hasSameTerms(as other: Instrument) -> Bool {
        var other = other
        other.sector = self.sector
        other.marginRate = self.marginRate
        other.tags = self.tags
        other.proxy = self.proxy
        return self == other
    }
}
