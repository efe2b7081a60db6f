// SPDX-License-Identifier: Apache-2.0
// Names of single settings: `feeds.0.endpoint` on the command line, `TICKRISK_FEEDS_0_ENDPOINT` in the environment.

/// One addressable setting.
struct SettingPath {
    let section: SettingSection
    /// Of a repeated section.
    let index: Int?
    let key: SettingKey
    /// Of an item of a list.
    let item: Int?

    static let environmentPrefix = "TICKRISK_"
    private static let indexMax = 999

    /// What is wrong with a name: the message and the nearest known one.
    struct Unknown: Error {
        var message: String
        var nearest: String?
    }

    /// `section.key`, with indices where there are lists.
    var text: String {
        let head = self.index.map { "\(self.section.name).\($0)" } ?? self.section.name
        return "\(head).\(self.key.name)" + (self.item.map { ".\($0)" } ?? "")
    }

    init(dotted text: String) throws(Unknown) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...]
        let name = parts.removeFirst()
        let shown = FileProblem.shown(text)
        guard let section = ConfigurationSchema.section(name) else {
            throw Unknown(
                message: "unknown key \(shown)",
                nearest: ConfigurationSchema.nearest(to: parts.last ?? name, in: parts.isEmpty ? nil : name))
        }
        var index: Int?
        if section.isRepeated {
            index = parts.popFirst().flatMap(Self.index)
            guard index != nil else {
                throw Unknown(
                    message: "\(shown) names no entry of the list", nearest: "\(name).0.\(section.keys[0].name)")
            }
        }
        guard let keyName = parts.popFirst() else {
            throw Unknown(message: "\(shown) is a section; set one of its keys", nearest: nil)
        }
        guard let key = section.key(keyName) else {
            throw Unknown(
                message: "unknown key \(shown)",
                nearest: ConfigurationSchema.nearest(to: keyName, in: name, index: index ?? 0))
        }
        var item: Int?
        if key.defaultItems != nil, let last = parts.popFirst() {
            item = Self.index(last)
            guard item != nil else { throw Unknown(message: "\(shown) names no item of the list", nearest: nil) }
        }
        guard parts.isEmpty else {
            throw Unknown(message: "unknown key \(shown): \(keyName) has no keys", nearest: nil)
        }
        self.section = section
        self.index = index
        self.key = key
        self.item = item
    }

    /// From a variable's name, prefix included, in capitals only so that one setting has one name.
    init(environmentName name: String) throws(Unknown) {
        guard name == name.uppercased(), let dotted = Self.dotted(environmentName: name) else {
            let known = ConfigurationSchema.sections.flatMap { section in
                section.keys.map { key in
                    let path = section.isRepeated ? "\(section.name)_0_\(key.name)" : "\(section.name)_\(key.name)"
                    return Self.environmentPrefix + path.uppercased()
                }
            }
            throw Unknown(
                message: "unknown variable \(FileProblem.shown(name))", nearest: NearestName.find(name, among: known))
        }
        try self.init(dotted: dotted)
    }

    /// Key names contain underscores too, so the name is matched against the schema rather than split.
    private static func dotted(environmentName name: String) -> String? {
        let bare = name.dropFirst(self.environmentPrefix.count).lowercased()
        for section in ConfigurationSchema.sections where bare.hasPrefix(section.name + "_") {
            var rest = bare.dropFirst(section.name.count + 1)
            var head = section.name
            if section.isRepeated {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard self.index(String(digits)) != nil, rest.dropFirst(digits.count).first == "_" else { continue }
                head += ".\(digits)"
                rest = rest.dropFirst(digits.count + 1)
            }
            for key in section.keys {
                if rest == key.name { return "\(head).\(key.name)" }
                guard key.defaultItems != nil, rest.hasPrefix(key.name + "_") else { continue }
                let item = String(rest.dropFirst(key.name.count + 1))
                if self.index(item) != nil { return "\(head).\(key.name).\(item)" }
            }
        }
        return nil
    }

    private static func index(_ text: String) -> Int? {
        guard let index = DecimalNumber.parseWhole(text.utf8), (0...self.indexMax).contains(index) else { return nil }
        return index
    }
}
