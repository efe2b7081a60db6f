// SPDX-License-Identifier: Apache-2.0
// Reads the keys of one section strictly: a wrong type or value is logged with its place and what is allowed.

struct SettingReader {
    /// Key path of the section, such as `feeds.0`.
    let path: String
    let log: ProblemLog
    private var values: [String: SettingNode] = [:]

    /// - Parameter node: the section; null is a section without keys.
    init(_ node: SettingNode?, section: SettingSection, index: Int? = nil, log: ProblemLog) {
        self.path = index.map { "\(section.name).\($0)" } ?? section.name
        self.log = log
        guard let node, !node.isNull else { return }
        guard case .mapping(let entries) = node.content else {
            let fact = "\(self.path) is \(node.shown); allowed: a section with keys such as \(section.keys[0].name)"
            log.add(.wrongType, at: node.origin, name: self.path, value: node.shown, fact)
            return
        }
        for entry in entries {
            if section.key(entry.key) != nil {
                self.values[entry.key] = entry.value
            } else {
                let name = "\(self.path).\(FileProblem.shown(entry.key))"
                log.add(
                    .unknownName, at: entry.keyOrigin, name: name, "unknown key \(name)",
                    nearest: ConfigurationSchema.nearest(to: entry.key, in: section.name, index: index ?? 0))
            }
        }
    }

    func origin(of key: String) -> ProblemOrigin? { self.values[key]?.origin }

    func text(_ key: String, default fallback: String, allowed: String, _ isValid: (String) -> Bool) -> String {
        self.value(key, default: fallback, allowed: allowed) { isValid($0) ? $0 : nil }
    }

    func whole(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>, allowed: String? = nil,
        _ isValid: (Int) -> Bool = { _ in true }
    ) -> Int {
        let allowed = allowed ?? "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let node = self.values[key] else { return fallback }
        return self.whole(node, name: "\(self.path).\(key)", in: range, allowed: allowed, isValid) ?? fallback
    }

    func number(_ key: String, default fallback: Double, in range: ClosedRange<Double>) -> Double {
        guard let node = self.values[key] else { return fallback }
        return node.number("\(self.path).\(key)", in: range, log: self.log) ?? fallback
    }

    /// - Parameter range: nanoseconds.
    func duration(_ key: String, default fallback: UInt64, in range: ClosedRange<UInt64>) -> UInt64 {
        let low = DurationText.format(nanoseconds: range.lowerBound)
        let high = DurationText.format(nanoseconds: range.upperBound)
        let allowed = "a duration with its unit (ns, us, ms, s, m, h) from \(low) to \(high), such as 5s"
        return self.value(key, default: fallback, allowed: allowed) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func flag(_ key: String, default fallback: Bool) -> Bool {
        self.value(key, default: fallback, allowed: "true or false", candidates: ["true", "false"]) { Bool($0) }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: Choice) -> Choice {
        let names = Choice.allCases.map(\.rawValue)
        let allowed = names.joined(separator: ", ")
        return self.value(key, default: fallback, allowed: allowed, candidates: names) { Choice(rawValue: $0) }
    }

    /// Whole numbers, 1 to `countMax` of them.
    func wholes(_ key: String, default fallback: [Int], in range: ClosedRange<Int>, countMax: Int) -> [Int] {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return self.items(key, default: fallback, countRange: 1...countMax, allowed: allowed) { node, name in
            self.whole(node, name: name, in: range, allowed: allowed) { _ in true }
        }
    }

    func texts(
        _ key: String, default fallback: [String], countMax: Int, allowed: String, _ isValid: (String) -> Bool
    ) -> [String] {
        self.items(key, default: fallback, countRange: 0...countMax, allowed: allowed) { node, name in
            self.convert(node, name: name, allowed: allowed) { isValid($0) ? $0 : nil }
        }
    }

    /// A single text, or 1 to `countMax` of them in a list.
    func textOrTexts(
        _ key: String, default fallback: [String], countMax: Int, allowed: String, _ isValid: (String) -> Bool
    ) -> [String] {
        guard let node = self.values[key] else { return fallback }
        guard case .sequence = node.content else {
            let allowed = "\(allowed), or a list of them"
            return self.convert(node, name: "\(self.path).\(key)", allowed: allowed) { isValid($0) ? [$0] : nil }
                ?? fallback
        }
        return self.items(key, default: fallback, countRange: 1...countMax, allowed: allowed) { node, name in
            self.convert(node, name: name, allowed: allowed) { isValid($0) ? $0 : nil }
        }
    }

    /// Refuses a value that is right in itself.
    func refuse(_ key: String, value: String, _ reason: String, orAt fallback: ProblemOrigin) {
        let name = "\(self.path).\(key)"
        let shown = FileProblem.shown(value)
        self.log.add(
            .refused, at: self.origin(of: key) ?? fallback, name: name, value: value, "\(name) is \(shown); \(reason)")
    }

    private func items<Item>(
        _ key: String, default fallback: [Item], countRange: ClosedRange<Int>, allowed: String,
        _ convert: (SettingNode, String) -> Item?
    ) -> [Item] {
        guard let node = self.values[key] else { return fallback }
        let name = "\(self.path).\(key)"
        guard case .sequence(let items) = node.content else {
            let fact = "\(name) is \(node.shown); allowed: a list such as [a, b], each item \(allowed)"
            self.log.add(.wrongType, at: node.origin, name: name, value: node.shown, fact)
            return fallback
        }
        guard countRange.contains(items.count) else {
            let fact = "\(name) has \(items.count) items; allowed: \(countRange.lowerBound) to \(countRange.upperBound)"
            self.log.add(.outOfRange, at: node.origin, name: name, fact)
            return fallback
        }
        return items.enumerated().compactMap { convert($1, "\(name).\($0)") }
    }

    private func whole(
        _ node: SettingNode, name: String, in range: ClosedRange<Int>, allowed: String, _ isValid: (Int) -> Bool
    ) -> Int? {
        guard case .scalar(let text, let style) = node.content, style != .quoted,
            let value = DecimalNumber.parseWhole(text.utf8)
        else {
            node.refuse(.wrongType, name, allowed: allowed, log: self.log)
            return nil
        }
        guard range.contains(value), isValid(value) else {
            node.refuse(.outOfRange, name, allowed: allowed, log: self.log)
            return nil
        }
        return value
    }

    private func value<Value>(
        _ key: String, default fallback: Value, allowed: String, candidates: [String] = [],
        _ parse: (String) -> Value?
    ) -> Value {
        guard let node = self.values[key] else { return fallback }
        let name = "\(self.path).\(key)"
        return self.convert(node, name: name, allowed: allowed, candidates: candidates, parse) ?? fallback
    }

    private func convert<Value>(
        _ node: SettingNode, name: String, allowed: String, candidates: [String] = [], _ parse: (String) -> Value?
    ) -> Value? {
        guard case .scalar(let text, _) = node.content, !node.isNull else {
            node.refuse(.wrongType, name, allowed: allowed, log: self.log)
            return nil
        }
        // No setting has a use for control characters; they would deceive whoever reads a log or terminal.
        guard !text.unicodeScalars.contains(where: \.isControl), let value = parse(text) else {
            node.refuse(
                .outOfRange, name, allowed: allowed, log: self.log, nearest: NearestName.find(text, among: candidates))
            return nil
        }
        return value
    }
}
