// SPDX-License-Identifier: Apache-2.0
// Which keys differ between two configurations.

extension Configuration {
    /// Paths of the keys whose values differ, as `--set` writes them, in the order of the file; what is another secret
    /// in the same file counts as the key that names the file.
    public func changedKeys(from other: Configuration) -> [String] {
        let ours = Self.keys(of: self.effectiveYAML)
        let theirs = Dictionary(Self.keys(of: other.effectiveYAML), uniquingKeysWith: { $1 })
        var changed = ours.filter { theirs[$0.path] != $0.value }.map(\.path)
        let known = Set(ours.map(\.path))
        changed += theirs.keys.filter { !known.contains($0) }.sorted()
        for (number, feed) in self.feeds.enumerated() where number < other.feeds.count {
            let isSame = feed.curve?.secretKey == other.feeds[number].curve?.secretKey
            if !isSame { changed.append("feeds.\(number).curve_secret_key_file") }
        }
        for (number, webhook) in self.webhooks.enumerated() where number < other.webhooks.count {
            if webhook.secret != other.webhooks[number].secret { changed.append("webhooks.\(number).secret_file") }
        }
        if self.store.password != other.store.password { changed.append("store.password_file") }
        if self.venue.curve?.secretKey != other.venue.curve?.secretKey { changed.append("venue.curve_secret_key_file") }
        if self.kafka.saslPassword != other.kafka.saslPassword { changed.append("kafka.sasl_password_file") }
        if self.kafka.sslKeyPassword != other.kafka.sslKeyPassword { changed.append("kafka.ssl_key_password_file") }
        if self.node.secret != other.node.secret { changed.append("node.secret_file") }
        if self.relay.curve?.secretKey != other.relay.curve?.secretKey { changed.append("relay.curve_secret_key_file") }
        var seen: Set<String> = []
        return changed.filter { seen.insert($0).inserted }
    }

    /// The lines of ``effectiveYAML``: sections stand at the margin, keys below them, items of lists at a dash.
    private static func keys(of yaml: String) -> [(path: String, value: String)] {
        var section = ""
        var index = -1
        return yaml.split(separator: "\n").compactMap { line -> (path: String, value: String)? in
            let text = line.drop { $0 == " " || $0 == "-" }
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let name = String(text[..<colon])
            let value = String(text[text.index(after: colon)...].drop { $0 == " " })
            guard line.first == " " else {
                section = name
                index = -1
                return value.isEmpty ? nil : (name, value)
            }
            if line.drop(while: { $0 == " " }).first == "-" { index += 1 }
            return (index < 0 ? "\(section).\(name)" : "\(section).\(index).\(name)", value)
        }
    }
}
