// SPDX-License-Identifier: Apache-2.0
// Metrics as Prometheus reads them.

/// One metric with its samples (Prometheus text format 0.0.4).
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    public struct Sample: Sendable {
        /// After the family's name, as in `_bucket`.
        public var suffix: String
        public var labels: [(String, String)]
        public var value: Double

        public init(_ labels: KeyValuePairs<String, String> = [:], _ value: Double) {
            self.init(suffix: "", labels.map { ($0.key, $0.value) }, value)
        }

        public init(suffix: String, _ labels: [(String, String)], _ value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    public var name: String
    public var help: String
    public var kind: Kind
    public var samples: [Sample]

    public init(_ kind: Kind, _ name: String, _ help: String, _ samples: [Sample]) {
        self.kind = kind
        self.name = name
        self.help = help
        self.samples = samples
    }

    /// Durations, in seconds.
    public init(_ name: String, _ help: String, _ histogram: DurationHistogram) {
        self.init(.histogram, name, help, histogram.samples())
    }

    /// A metric with one sample and no labels.
    public init(_ kind: Kind, _ name: String, _ help: String, _ value: Double) {
        self.init(kind, name, help, [Sample([:], value)])
    }

    /// The body of `/metrics`.
    public static func text(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += "\(family.name)\(sample.suffix)\(Self.text(sample.labels)) \(sample.text)\n"
            }
        }
        return text
    }

    private static func text(_ labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

extension MetricFamily.Sample {
    fileprivate var text: String {
        if let whole = Int64(exactly: self.value) { return String(whole) }
        return self.value.isNaN ? "NaN" : self.value.isInfinite ? (self.value > 0 ? "+Inf" : "-Inf") : "\(self.value)"
    }
}
