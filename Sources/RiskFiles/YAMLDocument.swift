// SPDX-License-Identifier: Apache-2.0
// Turns YAML text into setting nodes, within limits that keep hostile text harmless.

import Yams

/// One YAML document. Aliases are followed and duplicate keys refused; tags, documents beyond the first and keys
/// that are no text are refused.
enum YAMLDocument {
    static let bytesMax = 1 << 20
    /// Of the expanded tree.
    static let nodesMax = 1 << 20
    /// Of alias-looking text. The parser hashes keys by what their aliases stand for, and n aliases can multiply a
    /// document by 3^(n/3): counting them before parsing bounds that work.
    static let aliasesMax = 10

    /// The document's root, an empty plain scalar for an empty document; `nil` after logging what is wrong.
    static func parse(_ text: String, source: String, log: ProblemLog) -> SettingNode? {
        let start = ProblemOrigin(source: source, line: 1)
        guard text.utf8.count <= self.bytesMax else {
            log.add(.tooLarge, at: start, "the YAML is larger than the limit of \(self.bytesMax) bytes")
            return nil
        }
        guard self.countAliases(text) <= self.aliasesMax else {
            log.add(.tooLarge, at: start, "more than \(self.aliasesMax) aliases (*name); write the values out")
            return nil
        }
        do {
            guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
                return SettingNode(content: .scalar("", .plain), origin: start)
            }
            var builder = TreeBuilder(source: source, log: log)
            return builder.build(root)
        } catch let error as YamlError {
            self.report(error, text: text, source: source, log: log)
        } catch {
            log.add(.syntax, at: start, "invalid YAML: \(FileProblem.shown("\(error)"))")
        }
        return nil
    }

    private static func countAliases(_ text: String) -> Int {
        var count = 0
        var previous: UInt8 = 0
        for byte in text.utf8 {
            // Every byte an anchor's name may open with is at or above the dash.
            if previous == UInt8(ascii: "*"), byte >= UInt8(ascii: "-") { count += 1 }
            previous = byte
        }
        return count
    }

    private static func report(_ error: YamlError, text: String, source: String, log: ProblemLog) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let prefix = context.map { "\($0.text): " } ?? ""
            let origin = ProblemOrigin(source: source, line: mark.line)
            log.add(.syntax, at: origin, "invalid YAML: \(prefix)\(problem) (column \(mark.column))")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { 1 + text.utf8.prefix($0).count { $0 == UInt8(ascii: "\n") } }
            log.add(.syntax, at: ProblemOrigin(source: source, line: line), "invalid YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let finder = DuplicateKey(text: text, line: context.mark.line, column: context.mark.column)
            let name = finder.path(ofKey: duplicates.first ?? "")
            log.add(
                .duplicate, at: ProblemOrigin(source: source, line: finder.secondLine), name: name,
                "key \(FileProblem.shown(name)) is given twice; first on line \(context.mark.line)")
        default:
            log.add(.syntax, at: ProblemOrigin(source: source), "invalid YAML: \(FileProblem.shown("\(error)"))")
        }
    }
}

/// Copies the parser's nodes into setting nodes, counting as it goes.
private struct TreeBuilder {
    let source: String
    let log: ProblemLog
    private var count = 0
    private static let tagsAllowed = [Tag.Name.str, .seq, .map].map(\.rawValue)

    init(source: String, log: ProblemLog) {
        self.source = source
        self.log = log
    }

    mutating func build(_ node: Node) -> SettingNode? {
        let origin = ProblemOrigin(source: self.source, line: node.mark?.line ?? 1)
        self.count += 1
        guard self.count <= YAMLDocument.nodesMax else {
            self.log.add(.tooLarge, at: origin, "more than \(YAMLDocument.nodesMax) values")
            return nil
        }
        guard Self.tagsAllowed.contains(node.tag.description) else {
            self.log.add(.refused, at: origin, "YAML tags (!name) are not used here; leave the tag out")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let style: SettingNode.Style = scalar.style == .plain ? .plain : .quoted
            return SettingNode(content: .scalar(scalar.string, style), origin: origin)
        case .sequence(let sequence):
            var items: [SettingNode] = []
            for item in sequence {
                guard let built = self.build(item) else { return nil }
                items.append(built)
            }
            return SettingNode(content: .sequence(items), origin: origin)
        case .mapping(let mapping):
            return self.build(mapping, origin: origin)
        case .alias:
            self.log.add(.syntax, at: origin, "an alias without its anchor")
            return nil
        }
    }

    private mutating func build(_ mapping: Node.Mapping, origin: ProblemOrigin) -> SettingNode? {
        var entries: [SettingEntry] = []
        var firstLines: [String: Int] = [:]
        for (key, value) in mapping {
            let keyOrigin = ProblemOrigin(source: self.source, line: key.mark?.line ?? 1)
            guard case .scalar(let scalar) = key else {
                self.log.add(.wrongType, at: keyOrigin, "a key must be text, not a list or a section")
                return nil
            }
            if let first = firstLines.updateValue(keyOrigin.line ?? 1, forKey: scalar.string) {
                let shown = FileProblem.shown(scalar.string)
                let fact = "key \(shown) is given twice; first on line \(first)"
                self.log.add(.duplicate, at: keyOrigin, name: shown, fact)
                return nil
            }
            guard let built = self.build(value) else { return nil }
            entries.append(SettingEntry(key: scalar.string, keyOrigin: keyOrigin, value: built))
        }
        return SettingNode(content: .mapping(entries), origin: origin)
    }
}
