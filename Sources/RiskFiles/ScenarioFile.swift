// SPDX-License-Identifier: Apache-2.0
// Reads `scenarios.yaml`: the named stress scenarios.

import RiskDomain

/// `name: {shocks: […], fx: {EUR: -0.10}, replay: {from: 2008-09-12, to: 2008-10-10}}`, at least one of the three.
///
/// No target has two shocks in a scenario.
struct ScenarioFile {
    /// What names in scenarios are checked against; `nil` for what was unreadable.
    struct Surroundings {
        var instruments: InstrumentFile.Content?
        /// Whole currencies of instruments, pairs and accounts.
        var currencies: Set<String>?
        /// Stands still.
        var baseCurrency: String?
        /// First and last date of the history.
        var dates: ClosedRange<String>?
    }

    private let log: ProblemLog
    private let surroundings: Surroundings

    private static let scenariosMax = 1_000
    private static let shocksMax = 10_000
    private static let keys = ["shocks", "fx", "replay"]

    static func read(_ path: String, surroundings: Surroundings, log: ProblemLog) -> [StressScenario] {
        guard let text = FileContent.text(of: path, bytesMax: YAMLDocument.bytesMax, log: log),
            let root = YAMLDocument.parse(text, source: path, log: log)
        else { return [] }
        return Self(log: log, surroundings: surroundings).scenarios(root)
    }

    private func scenarios(_ root: SettingNode) -> [StressScenario] {
        if root.isNull { return [] }
        guard case .mapping(let entries) = root.content else {
            let fact = "the file is \(root.shown); allowed: scenarios by name"
            self.log.add(.wrongType, at: root.origin, fact)
            return []
        }
        guard entries.count <= Self.scenariosMax else {
            self.log.add(.tooLarge, at: root.origin, "more than \(Self.scenariosMax) scenarios")
            return []
        }
        return entries.compactMap(self.scenario)
    }

    private func scenario(_ entry: SettingEntry) -> StressScenario? {
        let name = FileProblem.shown(entry.key)
        guard (1...64).contains(entry.key.utf8.count), entry.key.utf8.allSatisfy(\.isIdentifierByte) else {
            let fact = "scenario name \"\(name)\"; allowed: 1 to 64 letters, digits, _ and -"
            self.log.add(.outOfRange, at: entry.keyOrigin, name: name, value: entry.key, fact)
            return nil
        }
        guard case .mapping(let parts) = entry.value.content else {
            let allowed = "a section with keys \(Self.keys.joined(separator: ", "))"
            entry.value.refuse(.wrongType, name, allowed: allowed, log: self.log)
            return nil
        }
        var result = StressScenario(name: entry.key, shocks: [])
        var isEmpty = true
        for part in parts {
            let path = "\(name).\(FileProblem.shown(part.key))"
            isEmpty = isEmpty && !Self.keys.contains(part.key)
            switch part.key {
            case "shocks": result.shocks = self.shocks(part.value, path)
            case "fx": result.currencyShocks = self.currencyShocks(part.value, path)
            case "replay": result.replay = self.replay(part.value, path)
            default:
                self.log.add(
                    .unknownName, at: part.keyOrigin, name: path, "unknown key \(path)",
                    nearest: NearestName.find(part.key, among: Self.keys).map { "\(name).\($0)" })
            }
        }
        guard !isEmpty else {
            let fact = "\(name) has no shocks; allowed: at least one of \(Self.keys.joined(separator: ", "))"
            self.log.add(.missing, at: entry.keyOrigin, name: name, fact)
            return nil
        }
        return result
    }

    private func shocks(_ node: SettingNode, _ path: String) -> [StressShock] {
        guard case .sequence(let items) = node.content, (1...Self.shocksMax).contains(items.count) else {
            node.refuse(.wrongType, path, allowed: "a list of 1 to \(Self.shocksMax) shocks", log: self.log)
            return []
        }
        let reader = ShockReader(log: self.log, instruments: self.surroundings.instruments)
        var firstLines: [StressShock.Target: Int] = [:]
        var shocks: [StressShock] = []
        for (index, item) in items.enumerated() {
            guard let shock = reader.read(item, "\(path).\(index)") else { continue }
            if let first = firstLines.updateValue(item.origin.line ?? 0, forKey: shock.target) {
                let fact = "\(path).\(index) has the target of an earlier shock; first on line \(first)"
                self.log.add(.duplicate, at: item.origin, name: "\(path).\(index)", fact)
            }
            shocks.append(shock)
        }
        return shocks
    }
}

/// Moves of currencies and replays of the history.
extension ScenarioFile {
    private func currencyShocks(_ node: SettingNode, _ path: String) -> [String: Double] {
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            node.refuse(.wrongType, path, allowed: "currencies and moves such as {EUR: -0.10}", log: self.log)
            return [:]
        }
        var shocks: [String: Double] = [:]
        for entry in entries {
            let code = FileProblem.shown(entry.key)
            let name = "\(path).\(code)"
            let move = entry.value.number(name, allowed: "above -1, at most 1000", log: self.log) {
                $0 > -1 && $0 <= 1_000
            }
            if let known = self.surroundings.currencies, !known.contains(entry.key) {
                self.log.add(
                    .unknownName, at: entry.keyOrigin, name: name, value: entry.key,
                    "\(name): unknown currency \(code)",
                    nearest: NearestName.find(entry.key, among: known.sorted()))
            } else if entry.key == self.surroundings.baseCurrency {
                let fact = "\(name): \(code) is risk.base_currency, against which the others move; leave it out"
                self.log.add(.refused, at: entry.keyOrigin, name: name, value: entry.key, fact)
            } else {
                shocks[entry.key] = move
            }
        }
        return shocks
    }

    private func replay(_ node: SettingNode, _ path: String) -> StressScenario.Replay? {
        guard case .mapping(let entries) = node.content else {
            node.refuse(.wrongType, path, allowed: "dates such as {from: 2008-09-12, to: 2008-10-10}", log: self.log)
            return nil
        }
        var days: [String: String] = [:]
        for entry in entries {
            let name = "\(path).\(FileProblem.shown(entry.key))"
            guard entry.key == "from" || entry.key == "to" else {
                self.log.add(
                    .unknownName, at: entry.keyOrigin, name: name, "unknown key \(name)",
                    nearest: NearestName.find(entry.key, among: ["from", "to"]).map { "\(path).\($0)" })
                continue
            }
            guard case .scalar(let text, _) = entry.value.content, CalendarDay(iso8601: text) != nil else {
                entry.value.refuse(.wrongType, name, allowed: "a calendar day as yyyy-mm-dd", log: self.log)
                continue
            }
            days[entry.key] = text
            // Dates of this form ascend as text does.
            if let dates = self.surroundings.dates, !dates.contains(text) {
                let fact = "\(name) is \(text); the history goes from \(dates.lowerBound) to \(dates.upperBound)"
                self.log.add(.outOfRange, at: entry.value.origin, name: name, value: text, fact)
            }
        }
        for key in ["from", "to"] where !entries.contains(where: { $0.key == key }) {
            let fact = "\(path) has no \(key); allowed: from and to, both days of the history"
            self.log.add(.missing, at: node.origin, name: path, fact)
        }
        guard let from = days["from"], let to = days["to"] else { return nil }
        guard from < to else {
            let fact = "\(path) goes from \(from) to \(to); allowed: from before to"
            self.log.add(.outOfRange, at: node.origin, name: path, value: from, fact)
            return nil
        }
        return StressScenario.Replay(from: from, to: to)
    }
}
