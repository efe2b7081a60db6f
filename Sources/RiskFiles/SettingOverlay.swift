// SPDX-License-Identifier: Apache-2.0
// Lays environment variables and `--set` arguments over the tree read from the file.

struct SettingOverlay {
    private(set) var root: SettingNode
    private let log: ProblemLog

    init(over root: SettingNode, log: ProblemLog) {
        self.root = root
        self.log = log
    }

    /// Takes the variables that open with the prefix, indices in numeric order so that entries are appended in turn.
    mutating func apply(environment: [String: String]) {
        let exempt = ["TICKRISK_TIER", "TICKRISK_TOKEN"]
        let names = environment.keys.filter { $0.hasPrefix(SettingPath.environmentPrefix) && !exempt.contains($0) }
        var paths: [(path: SettingPath, name: String)] = []
        for name in names.sorted() {
            do throws(SettingPath.Unknown) {
                paths.append((try SettingPath(environmentName: name), name))
            } catch {
                let origin = ProblemOrigin(source: "environment")
                self.log.add(.unknownName, at: origin, name: name, error.message, nearest: error.nearest)
            }
        }
        func order(_ path: SettingPath) -> (Int, Int) { (path.index ?? -1, path.item ?? -1) }
        for (path, name) in paths.sorted(by: { order($0.path) < order($1.path) }) {
            self.set(path, to: environment[name] ?? "", origin: ProblemOrigin(source: "environment \(name)"))
        }
    }

    /// Takes `key=value` arguments; of two for one key the later wins.
    mutating func apply(settings: [String]) {
        for setting in settings {
            let origin = ProblemOrigin(source: "--set \(FileProblem.shown(setting))")
            guard let equals = setting.firstIndex(of: "=") else {
                self.log.add(.syntax, at: origin, "expected key=value, such as risk.window=250")
                continue
            }
            do throws(SettingPath.Unknown) {
                let path = try SettingPath(dotted: String(setting[..<equals]))
                self.set(path, to: String(setting[setting.index(after: equals)...]), origin: origin)
            } catch {
                let name = String(setting[..<equals])
                self.log.add(.unknownName, at: origin, name: name, error.message, nearest: error.nearest)
            }
        }
    }

    private mutating func set(_ path: SettingPath, to text: String, origin: ProblemOrigin) {
        var value = SettingNode(content: .scalar(text, .untyped), origin: origin)
        let isItem = path.item != nil || path.key.isListOptional && !text.hasPrefix("[")
        if path.key.defaultItems != nil, !isItem {
            // A whole list is written as in the file: [a, b].
            guard let parsed = YAMLDocument.parse(text, source: origin.source, log: self.log) else { return }
            value = parsed.relocated(to: origin)
        }
        self.root.edit(key: path.section.name, origin: origin) { section in
            guard let index = path.index else { return section.put(path, value, log: self.log) }
            if section.isNull { section.content = .sequence([.emptySection(origin)]) }
            section.edit(index: index, name: path.section.name, new: .emptySection(origin), log: self.log) { entry in
                entry.put(path, value, log: self.log)
            }
        }
    }
}

extension SettingNode {
    fileprivate static func emptySection(_ origin: ProblemOrigin) -> SettingNode {
        SettingNode(content: .mapping([]), origin: origin)
    }

    /// All lines of a command-line value are that argument.
    fileprivate func relocated(to origin: ProblemOrigin) -> SettingNode {
        var copy = self
        copy.origin = origin
        if case .sequence(let items) = self.content { copy.content = .sequence(items.map { $0.relocated(to: origin) }) }
        return copy
    }

    /// Edits the value of `key`, which starts as null where there is none. What is no section stays: the reader tells.
    fileprivate mutating func edit(key: String, origin: ProblemOrigin, _ body: (inout SettingNode) -> Void) {
        if self.isNull { self.content = .mapping([]) }
        guard case .mapping(var entries) = self.content else { return }
        self.content = .mapping([])
        let null = SettingNode(content: .scalar("", .plain), origin: origin)
        let index = entries.firstIndex { $0.key == key } ?? entries.endIndex
        if index == entries.endIndex { entries.append(SettingEntry(key: key, keyOrigin: origin, value: null)) }
        body(&entries[index].value)
        self.content = .mapping(entries)
    }

    /// Edits the item at `index`, or appends `new` when it is the next one.
    fileprivate mutating func edit(
        index: Int, name: String, new: SettingNode, log: ProblemLog, _ body: (inout SettingNode) -> Void
    ) {
        guard case .sequence(var items) = self.content else { return }
        guard index <= items.count else {
            let fact = "\(name).\(index) is beyond the list of \(items.count); the next index is \(items.count)"
            log.add(.outOfRange, at: new.origin, name: "\(name).\(index)", fact)
            return
        }
        if index == items.count { items.append(new) }
        body(&items[index])
        self.content = .sequence(items)
    }

    fileprivate mutating func put(_ path: SettingPath, _ value: SettingNode, log: ProblemLog) {
        self.edit(key: path.key.name, origin: value.origin) { node in
            guard let item = path.item, let defaults = path.key.defaultItems else {
                node = value
                return
            }
            if node.isNull {
                let items = defaults.map { SettingNode(content: .scalar($0, .plain), origin: value.origin) }
                node = SettingNode(content: .sequence(items), origin: value.origin)
            }
            if path.key.isListOptional, case .scalar = node.content { node.content = .sequence([node]) }
            let name = "\(path.section.name).\(path.key.name)"
            node.edit(index: item, name: name, new: value, log: log) { $0 = value }
        }
    }
}
