// SPDX-License-Identifier: Apache-2.0
// Reads one shock of a stress scenario.

import RiskDomain

/// `{all: true, price: -0.10}`: exactly one target of `all`, `instrument`, `underlying`, `tag`, `sector`,
/// `currency`, and at least one move of `price`, `price_abs`, `vol_points`.
struct ShockReader {
    let log: ProblemLog
    /// `nil` when the instruments were unreadable: targets are then not checked.
    let instruments: InstrumentFile.Content?

    private static let moveKeys = ["price", "price_abs", "vol_points"]
    private static let targetKeys = ["all", "instrument", "underlying", "tag", "sector", "currency"]

    /// `nil` after logging what is wrong.
    func read(_ node: SettingNode, _ path: String) -> StressShock? {
        guard case .mapping(let entries) = node.content else {
            node.refuse(.wrongType, path, allowed: "a shock such as {all: true, price: -0.10}", log: self.log)
            return nil
        }
        var shock = StressShock(target: .all, price: 0)
        var targets: [StressShock.Target?] = []
        var moves: [Double?] = []
        for entry in entries {
            let name = "\(path).\(FileProblem.shown(entry.key))"
            func move(_ field: WritableKeyPath<StressShock, Double>, in range: ClosedRange<Double>) {
                moves.append(entry.value.number(name, in: range, log: self.log))
                shock[keyPath: field] = moves.last.flatMap { $0 } ?? 0
            }
            switch entry.key {
            case "price": move(\.price, in: -1...1_000)
            case "price_abs": move(\.priceChange, in: -1e12...1e12)
            case "vol_points": move(\.volatilityPoints, in: -1_000...1_000)
            case _ where Self.targetKeys.contains(entry.key): targets.append(self.target(entry, name))
            default:
                let known = Self.targetKeys + Self.moveKeys
                self.log.add(
                    .unknownName, at: entry.keyOrigin, name: name, "unknown key \(name)",
                    nearest: NearestName.find(entry.key, among: known).map { "\(path).\($0)" })
            }
        }
        if targets.count != 1 {
            let names = Self.targetKeys.joined(separator: ", ")
            let fact = "\(path) has \(targets.count) targets; allowed: exactly one of \(names)"
            self.log.add(targets.isEmpty ? .missing : .refused, at: node.origin, name: path, fact)
        }
        if moves.isEmpty {
            let fact = "\(path) moves nothing; allowed: at least one of \(Self.moveKeys.joined(separator: ", "))"
            self.log.add(.missing, at: node.origin, name: path, fact)
        }
        guard targets.count == 1, let target = targets[0], !moves.isEmpty, moves.allSatisfy({ $0 != nil }) else {
            return nil
        }
        shock.target = target
        guard !self.movesRateByAmount(shock) else {
            let fact = "\(path).price_abs moves a currency pair; allowed: price, a relative change of the rate"
            self.log.add(.refused, at: node.origin, name: "\(path).price_abs", fact)
            return nil
        }
        return shock
    }

    /// A pair's price is a rate too, and what an amount does to it depends on the rate.
    private func movesRateByAmount(_ shock: StressShock) -> Bool {
        guard shock.priceChange != 0, let instruments else { return false }
        return instruments.instruments.contains { instrument in
            guard case .currencyPair = instrument.kind, shock.target.isName else { return false }
            return shock.target.matches(instrument)
        }
    }

    private func target(_ entry: SettingEntry, _ name: String) -> StressShock.Target? {
        guard case .scalar(let text, let style) = entry.value.content, !entry.value.isNull else {
            entry.value.refuse(.wrongType, name, allowed: entry.key == "all" ? "true" : "a name", log: self.log)
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
        case "underlying": return known(self.instruments?.symbols, .underlying(text))
        case "tag": return known(self.instruments?.tags, .tag(text))
        case "sector": return known(self.instruments?.sectors, .sector(text))
        case "currency": return known(self.instruments?.currencies, .currency(text))
        default:
            if text == "true", style == .plain { return .all }
            entry.value.refuse(.wrongType, name, allowed: "true", log: self.log)
            return nil
        }
    }
}
