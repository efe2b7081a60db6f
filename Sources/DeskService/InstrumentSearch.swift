// SPDX-License-Identifier: Apache-2.0
// Finds instruments by what people type: the begin of a symbol or name, a part of it, or something near.

import RiskDomain

/// Instruments in the order in which they fit a text. Immutable.
public struct InstrumentSearch: Sendable {
    public static let textBytesMax = 64

    private struct Entry {
        /// In the directory.
        let index: Int
        let symbol: String
        /// In lower case, with the letters compared.
        let symbolLetters: [UInt8]
        let nameLetters: [UInt8]
        /// Where words of the name begin.
        let wordStarts: [Int]
    }

    private let entries: [Entry]

    public init(_ instruments: [Instrument]) {
        self.entries = instruments.enumerated().map { index, instrument in
            let name = Array(instrument.name.lowercased().utf8)
            let starts = name.indices.filter { $0 == 0 || !Self.isLetter(name[$0 - 1]) && Self.isLetter(name[$0]) }
            return Entry(
                index: index, symbol: instrument.symbol, symbolLetters: Array(instrument.symbol.lowercased().utf8),
                nameLetters: name, wordStarts: starts)
        }
    }

    /// Indices into the instruments, the best first: the symbol itself, symbols that begin so, names and words of names
    /// that begin so, symbols and names with the text inside, symbols and words a slip or two away.
    ///
    /// - Parameter text: its first ``textBytesMax`` bytes count; nothing fits an empty one.
    public func find(_ text: String, limit: Int) -> [Int] {
        let sought = Array(text.lowercased().utf8.prefix(Self.textBytesMax))
        guard !sought.isEmpty, limit > 0 else { return [] }
        let ranked = self.entries.compactMap { entry in Self.rank(entry, sought).map { (rank: $0, entry: entry) } }
        let sorted = ranked.sorted { ($0.rank, $0.entry.symbol) < ($1.rank, $1.entry.symbol) }
        return sorted.prefix(limit).map(\.entry.index)
    }

    /// Ascending from the best; `nil` for what does not fit.
    private static func rank(_ entry: Entry, _ sought: [UInt8]) -> Int? {
        if entry.symbolLetters == sought { return 0 }
        if entry.symbolLetters.starts(with: sought) { return 1 }
        if entry.nameLetters.starts(with: sought) { return 2 }
        if entry.wordStarts.contains(where: { entry.nameLetters[$0...].starts(with: sought) }) { return 3 }
        if Self.contains(entry.symbolLetters, sought) { return 4 }
        if Self.contains(entry.nameLetters, sought) { return 5 }
        // One slip in three or four letters, two in more.
        let slipsMax = sought.count < 3 ? 0 : sought.count < 5 ? 1 : 2
        if let slips = Self.slips(entry.symbolLetters[...], sought, max: slipsMax) { return 5 + slips }
        let words = entry.wordStarts.map { entry.nameLetters[$0...].prefix { Self.isLetter($0) } }
        let nearest = words.compactMap { Self.slips($0, sought, max: slipsMax) }.min()
        return nearest.map { 7 + $0 }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func contains(_ letters: [UInt8], _ sought: [UInt8]) -> Bool {
        guard letters.count >= sought.count else { return false }
        return (0...(letters.count - sought.count)).contains { letters[$0...].starts(with: sought) }
    }

    /// Letters put in, left out, exchanged, or swapped with their neighbour (optimal string alignment distance); `nil`
    /// beyond `max`, and for none.
    static func slips(_ letters: ArraySlice<UInt8>, _ sought: [UInt8], max: Int) -> Int? {
        guard max > 0, abs(letters.count - sought.count) <= max else { return nil }
        let word = Array(letters)
        var twoBack: [Int] = []
        var oneBack = Array(0...sought.count)
        for row in 1...Swift.max(1, word.count) where row <= word.count {
            var current = [row]
            for column in 1...sought.count {
                let isSame = word[row - 1] == sought[column - 1]
                var cost = min(oneBack[column] + 1, current[column - 1] + 1, oneBack[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, word[row - 1] == sought[column - 2], word[row - 2] == sought[column - 1] {
                    cost = min(cost, twoBack[column - 2] + 1)
                }
                current.append(cost)
            }
            guard current.contains(where: { $0 <= max }) else { return nil }
            (twoBack, oneBack) = (oneBack, current)
        }
        return (1...max).contains(oneBack[sought.count]) ? oneBack[sought.count] : nil
    }
}
