// SPDX-License-Identifier: Apache-2.0
// One thing that is wrong in a file or setting, with everything needed to find and mend it.

/// A mistake in a configuration or data file, in an environment variable or in a `--set` argument.
public struct FileProblem: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file, a field or a count is above its limit.
        case tooLarge
        /// The text is not valid YAML, CSV or UTF-8.
        case syntax
        /// A key, column, symbol, account, sector or currency that does not exist.
        case unknownName
        /// A second key, column, row, identifier or target where one is allowed.
        case duplicate
        /// A column, key or value that must be there.
        case missing
        /// Not the kind of value that belongs here.
        case wrongType
        /// The right kind of value, outside what is allowed.
        case outOfRange
        /// Valid in itself, refused together with another setting or for safety.
        case refused
    }

    public var kind: Kind
    /// Path of the file as it was given, `--set key=value`, or `environment NAME`.
    public var source: String
    /// From 1; `nil` where the problem has no line.
    public var line: Int?
    /// Key path such as `feeds.0.endpoint`, or the column.
    public var name: String?
    /// What was given, shortened to 80 characters.
    public var value: String?
    /// What is wrong and what is allowed, in one line.
    public var message: String
    /// The known name most like the unknown one.
    public var nearest: String?

    public init(
        _ kind: Kind, source: String, line: Int? = nil, name: String? = nil, value: String? = nil, message: String,
        nearest: String? = nil
    ) {
        self.kind = kind
        self.source = source
        self.line = line
        self.name = name
        self.value = value.map(Self.shown)
        self.message = message
        self.nearest = nearest
    }

    /// `source:line: message; did you mean nearest?`
    public var description: String {
        let place = self.line.map { "\(self.source):\($0)" } ?? self.source
        let hint = self.nearest.map { "; did you mean \($0)?" } ?? ""
        return "\(place): \(self.message)\(hint)"
    }

    /// Text from outside as it may stand in a message: one line, at most 80 characters, no control characters.
    static func shown(_ text: some StringProtocol) -> String {
        var result = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == 80 { return result + "…" }
            result.unicodeScalars.append(scalar.isControl ? "\u{FFFD}" : scalar)
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Control and format characters and line separators: nothing that belongs in a name or on a terminal line.
    var isControl: Bool {
        switch self.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        default: false
        }
    }
}
