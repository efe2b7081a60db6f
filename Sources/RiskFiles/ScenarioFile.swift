// SPDX-License-Identifier: Apache-2.0
// Reads `scenarios.yaml`: the named stress scenarios.

import RiskDomain

/// `name: {shocks: [{all: true, price: -0.10}, {sector: Technology, price: -0.2, vol_points: 10}]}`.
///
/// A shock has exactly one target of `instrument`, `sector`, `currency`, `all`, and no target has two shocks in a
/// scenario.
struct ScenarioFile {
    private let log: ProblemLog
    /// `nil` when the instruments were unreadable: targets are then not checked.
    private let instruments: InstrumentFile.Content?

    private static let scenariosMax = 1_000
    private static let shocksMax = 10_000
    private static let shockKeys = ["all", "instrument", "sector", "currency", "price", "vol_points"]

    static func read(_ path: String, instruments: InstrumentFile.Content?, log: ProblemLog) -> [StressScenario] {
        guard let text = FileContent.text(of: path, bytesMax: YAMLDocument.bytesMax, log: log),
            let root = YAMLDocument.parse(text, source: path, log: log)
        else { return [] }
        return Self(log: log, instruments: instruments).scenarios(root)
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
        guard case .mapping(let keys) = entry.value.content else {
            self.mismatch(entry.value, name, "a section with the key shocks")
            return nil
        }
        for key in keys where key.key != "shocks" {
            let path = "\(name).\(FileProblem.shown(key.key))"
            self.log.add(
                .unknownName, at: key.keyOrigin, name: path, "unknown key \(path)", nearest: "\(name).shocks")
        }
        guard let shocks = keys.first(where: { $0.key == "shocks" }) else {
            self.log.add(.missing, at: entry.keyOrigin, name: name, "\(name) has no shocks")
            return nil
        }
        guard case .sequence(let items) = shocks.value.content, (1...Self.shocksMax).contains(items.count) else {
            self.mismatch(shocks.value, "\(name).shocks", "a list of 1 to \(Self.shocksMax) shocks")
            return nil
        }
        var firstLines: [StressShock.Target: Int] = [:]
        var result = StressScenario(name: entry.key, shocks: [])
        for (index, item) in items.enumerated() {
            let path = "\(name).shocks.\(index)"
            guard let shock = self.shock(item, path) else { continue }
            if let first = firstLines.updateValue(item.origin.line ?? 0, forKey: shock.target) {
                let fact = "\(path) has the target of an earlier shock; first on line \(first)"
                self.log.add(.duplicate, at: item.origin, name: path, fact)
            }
            result.shocks.append(shock)
        }
        return result
    }

    private func shock(_ node: SettingNode, _ path: String) -> StressShock? {
        guard case .mapping(let entries) = node.content else {
            self.mismatch(node, path, "a shock such as {all: true, price: -0.10}")
            return nil
        }
        var target: StressShock.Target?
        var targetCount = 0
        var price: Double?
        var volatilityPoints: Double? = 0
        var hasPrice = false
        for entry in entries {
            let name = "\(path).\(FileProblem.shown(entry.key))"
            switch entry.key {
            case "price":
                hasPrice = true
                price = self.number(entry.value, name, in: -1...1_000)
            case "vol_points": volatilityPoints = self.number(entry.value, name, in: -1_000...1_000)
            case "all", "instrument", "sector", "currency":
                targetCount += 1
                target = self.target(entry, name)
            default:
                self.log.add(
                    .unknownName, at: entry.keyOrigin, name: name, "unknown key \(name)",
                    nearest: NearestName.find(entry.key, among: Self.shockKeys).map { "\(path).\($0)" })
            }
        }
        if targetCount != 1 {
            let fact = "\(path) has \(targetCount) targets; allowed: exactly one of all, instrument, sector, currency"
            self.log.add(targetCount == 0 ? .missing : .refused, at: node.origin, name: path, fact)
        }
        if !hasPrice { self.log.add(.missing, at: node.origin, name: path, "\(path) has no price") }
        guard targetCount == 1, let target, let price, let volatilityPoints else { return nil }
        return StressShock(target: target, price: price, volatilityPoints: volatilityPoints)
    }

    private func target(_ entry: SettingEntry, _ name: String) -> StressShock.Target? {
        guard case .scalar(let text, let style) = entry.value.content, !entry.value.isNull else {
            self.mismatch(entry.value, name, entry.key == "all" ? "true" : "a name")
            return nil
        }
        func known(_ names: Set<String>?, _ target: StressShock.Target) -> StressShock.Target? {
            guard let names, !names.contains(text) else { return target }
            let fact = "\(name): unknown \(entry.key) \(FileProblem.shown(text))"
            self.log.add(
                .unknownName, at: entry.value.origin, name: name, value: text, fact,
                nearest: NearestName.find(text, among: names.sorted()))
            return nil
        }
        switch entry.key {
        case "instrument": return known(self.instruments?.symbols, .instrument(text))
        case "sector": return known(self.instruments?.sectors, .sector(text))
        case "currency": return known(self.instruments?.currencies, .currency(text))
        default:
            if text == "true", style == .plain { return .all }
            self.mismatch(entry.value, name, "true")
            return nil
        }
    }

    private func number(_ node: SettingNode, _ name: String, in range: ClosedRange<Double>) -> Double? {
        let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard case .scalar(let text, .plain) = node.content, let number = DecimalNumber.parse(text) else {
            self.mismatch(node, name, allowed)
            return nil
        }
        guard range.contains(number) else {
            self.mismatch(node, name, allowed, .outOfRange)
            return nil
        }
        return number
    }

    private func mismatch(
        _ node: SettingNode, _ name: String, _ allowed: String, _ kind: FileProblem.Kind = .wrongType
    ) {
        let fact = "\(name) is \(node.shown); allowed: \(allowed)"
        self.log.add(kind, at: node.origin, name: name, value: node.shown, fact)
    }
}
