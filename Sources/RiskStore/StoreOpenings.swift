// SPDX-License-Identifier: Apache-2.0
// The file that says which store a directory holds, and how often it was opened.

/// The file `openings`: an identity and a count, a line each. Not part of a backup: what is made of one is another
/// store, which does not go on where this one was.
struct StoreOpenings: Equatable {
    var identity: String
    var count: Int64

    private static let digits = 32

    /// `nil` for another grammar.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty, lines[0].utf8.count == Self.digits,
            lines[0].allSatisfy(\.isHexDigit), let count = Int64(lines[1]), count > 0, count < .max
        else { return nil }
        self.identity = String(lines[0])
        self.count = count
    }

    private init() {
        let random = (0..<2).map { _ in UInt64.random(in: 0 ... .max) }
        self.identity = random.map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: Self.digits / 2 - text.utf8.count) + text
        }.joined()
        self.count = 0
    }

    var text: String { "\(self.identity)\n\(self.count)\n" }

    /// Counts one more; returns when that is on disk. Whoever calls holds the directory.
    static func countOne(in directory: StoreDirectory) throws(StoreError) -> StoreOpenings {
        let path = "\(directory.path)/openings"
        var openings = StoreOpenings()
        if let text = try StoreDirectory.text(of: path) {
            guard let known = StoreOpenings(text) else { throw .unreadable(reason: "\(path) is not whole") }
            openings = known
        }
        openings.count += 1
        try StoreDirectory.replace(path, openings.text)
        return openings
    }
}
