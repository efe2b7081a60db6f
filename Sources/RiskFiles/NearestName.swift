// SPDX-License-Identifier: Apache-2.0
// Finds the known name that a mistyped one most likely meant.

enum NearestName {
    /// Longer names are compared by their first bytes, so hostile input costs little.
    private static let bytesCompared = 64

    /// The candidate with the fewest edits, the first of equals; `nil` without candidates.
    static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        candidates.map { (distance: self.edits(from: name, to: $0), name: $0) }.min { $0.distance < $1.distance }?.name
    }

    /// Levenshtein's distance with swaps of neighbours (optimal string alignment); letter case does not count:
    /// `WINDOW` and `window` are equal here.
    static func edits(from left: String, to right: String) -> Int {
        let a = Array(left.lowercased().utf8.prefix(self.bytesCompared))
        let b = Array(right.lowercased().utf8.prefix(self.bytesCompared))
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
