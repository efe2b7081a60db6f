// SPDX-License-Identifier: Apache-2.0
// The text of the file that remembers where the chains ended.

/// Lines `name count digest`, the first with the format and the number of commits, the last with a digest of the
/// others:
///
///     tickrisk-heads-1 42
///     fills 7 9f…
///     …
///     sum 5c…
package enum HeadsFile {
    private static let format = "tickrisk-heads-1"

    package static func text(_ heads: ChainHeads) -> String {
        var text = "\(self.format) \(heads.commits)\n"
        for table in ChainedTable.all { text += "\(table.name) \(heads[table].count) \(heads[table].digest)\n" }
        return text + "sum \(self.sum(text))\n"
    }

    package static func parse(_ text: String) throws(StoreError) -> ChainHeads {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.split(separator: " ") }
        guard let end = text.range(ofLast: "sum "), lines.count == ChainedTable.all.count + 3, lines.last == [] else {
            throw .headsUnreadable(reason: "it is not complete")
        }
        let sum = lines[lines.count - 2]
        guard sum.count == 2, sum[1] == self.sum(String(text[..<end])) else {
            throw .headsUnreadable(reason: "its sum does not agree")
        }
        var heads = ChainHeads()
        guard lines[0].count == 2, lines[0][0] == self.format, let commits = Int64(lines[0][1]) else {
            throw .headsUnreadable(reason: "it has another format")
        }
        heads.commits = commits
        for (table, line) in zip(ChainedTable.all, lines.dropFirst()) {
            guard line.count == 3, line[0] == table.name, let count = Int64(line[1]) else {
                throw .headsUnreadable(reason: "\(table.name) is not where it should be")
            }
            heads[table] = ChainHead(count: count, digest: String(line[2]))
        }
        return heads
    }

    private static func sum(_ text: String) -> String {
        var digest = ContentDigest()
        digest.add(text)
        return digest.finish()
    }
}

extension String {
    /// Where the last line that begins with `prefix` begins.
    fileprivate func range(ofLast prefix: String) -> String.Index? {
        let lines = self.split(separator: "\n", omittingEmptySubsequences: true)
        guard let last = lines.last, last.hasPrefix(prefix) else { return nil }
        return last.startIndex
    }
}
