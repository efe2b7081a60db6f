// SPDX-License-Identifier: Apache-2.0
// Finds the second occurrence and the path of a key that the YAML parser found twice: it tells only the first place.

/// Reads the text around the first occurrence by its indentation; in flow style the answers are the nearest it sees.
struct DuplicateKey {
    private let lines: [Substring]
    private let line: Int
    private let column: Int

    /// - Parameters:
    ///   - line: of the first occurrence, from 1.
    ///   - column: of the first occurrence, from 1, in Unicode scalars.
    init(text: String, line: Int, column: Int) {
        self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        self.line = line
        self.column = column
    }

    /// Line of the next key with the same text and indentation, or the first line where none is seen.
    var secondLine: Int {
        guard self.lines.indices.contains(self.line - 1) else { return self.line }
        let first = self.lines[self.line - 1].unicodeScalars.dropFirst(self.column - 1)
        let key = first.prefix { $0 != ":" && $0 != " " }
        for index in self.line..<max(self.line, self.lines.count) {
            let (indent, name) = Self.leadingKey(self.lines[index])
            if indent == self.column, name.unicodeScalars.elementsEqual(key) { return index + 1 }
        }
        return self.line
    }

    /// The key with the sections above it: `risk.window`.
    func path(ofKey key: String) -> String {
        var parts = [key]
        var limit = self.column
        for index in stride(from: min(self.line, self.lines.count) - 1, through: 0, by: -1) {
            let (indent, name) = Self.leadingKey(self.lines[index])
            guard indent < limit, !name.isEmpty else { continue }
            parts.insert(String(name), at: 0)
            limit = indent
        }
        return parts.joined(separator: ".")
    }

    /// Column and text of the key a line opens with, list dashes aside; an empty name where there is none.
    private static func leadingKey(_ line: Substring) -> (column: Int, name: Substring) {
        let rest = line.drop { $0 == " " || $0 == "-" }
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let isKey = rest.dropFirst(name.count).drop { $0 == " " }.first == ":"
        return (line.count - rest.count + 1, isKey ? name : "")
    }
}
