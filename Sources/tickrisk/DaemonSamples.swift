// SPDX-License-Identifier: Apache-2.0
// A daemon's metrics as they were at one moment, and what happened between two.

import Foundation

/// Samples of `/metrics` by name and labels.
struct DaemonSamples {
    struct Sample {
        let labels: [String: String]
        let value: Double
    }

    private var samples: [String: [Sample]] = [:]

    init(text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let (name, sample) = Self.sample(line) else { continue }
            self.samples[name, default: []].append(sample)
        }
    }

    /// `name{a="b"} value`; the daemon's labels have neither commas nor escapes but in addresses it does not show.
    private static func sample(_ line: Substring) -> (String, Sample)? {
        guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
            return nil
        }
        let head = line[..<space]
        guard let brace = head.firstIndex(of: "{"), head.last == "}" else {
            return (String(head), Sample(labels: [:], value: value))
        }
        var labels: [String: String] = [:]
        for pair in head[head.index(after: brace)...].dropLast().split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { labels[String(parts[0])] = parts[1].trimmingCharacters(in: ["\""]) }
        }
        return (String(head[..<brace]), Sample(labels: labels, value: value))
    }

    /// The sum of the samples with these labels; 0 without one.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        (self.samples[name] ?? []).filter { sample in labels.allSatisfy { sample.labels[$0] == $1 } }
            .reduce(0) { $0 + $1.value }
    }

    func has(_ name: String) -> Bool { self.samples[name] != nil }

    func values(of label: String, in name: String) -> [String] {
        var seen: Set<String> = []
        return (self.samples[name] ?? []).compactMap { $0.labels[label] }.filter { seen.insert($0).inserted }
    }

    func label(_ label: String, of name: String) -> String? { self.samples[name]?.first?.labels[label] }

    /// Seconds below which so many of the durations since `before` were, by the bound of their bucket; `nil` for none.
    func quantile(_ part: Double, of name: String, since before: DaemonSamples?) -> Double? {
        let buckets = (self.samples["\(name)_bucket"] ?? []).compactMap { sample -> (bound: Double, count: Double)? in
            guard let text = sample.labels["le"] else { return nil }
            let earlier = before?.sum("\(name)_bucket", ["le": text]) ?? 0
            return (text == "+Inf" ? .infinity : Double(text) ?? .infinity, sample.value - earlier)
        }
        guard let total = buckets.last?.count, total > 0 else { return nil }
        return buckets.first { $0.count >= part * total }?.bound
    }
}
