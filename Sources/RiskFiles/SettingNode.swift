// SPDX-License-Identifier: Apache-2.0
// A YAML value with the place it came from, as configuration and scenarios are read from.

struct SettingNode {
    enum Style {
        /// Plain YAML: may be a number, a word or null.
        case plain
        /// Quoted or block YAML: text only.
        case quoted
        /// From the command line or the environment: whatever the key wants, never null.
        case untyped
    }

    enum Content {
        case scalar(String, Style)
        case sequence([SettingNode])
        case mapping([SettingEntry])
    }

    var content: Content
    var origin: ProblemOrigin

    /// An empty plain value, `~` or `null`: a section without keys, or a value left out.
    var isNull: Bool {
        guard case .scalar(let text, .plain) = self.content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// For messages: the value itself, or what it is.
    var shown: String {
        switch self.content {
        case .scalar(let text, let style):
            if self.isNull { return "empty" }
            return style == .quoted || text.isEmpty ? "\"\(FileProblem.shown(text))\"" : FileProblem.shown(text)
        case .sequence: return "a list"
        case .mapping: return "a section"
        }
    }
}

struct SettingEntry {
    var key: String
    var keyOrigin: ProblemOrigin
    var value: SettingNode
}
