// SPDX-License-Identifier: Apache-2.0
// Seeded layouts, states and changes for property tests.

import FrameCodec

/// SplitMix64, and what the tests draw from it.
struct FrameRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func index(below count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    mutating func chance(_ oneIn: Int) -> Bool { self.index(below: oneIn) == 0 }

    mutating func text() -> String {
        let texts = ["", "AAPL", "Zürich", "日本", "a\"b\\c", "tab\tnew\n", "\u{1}", "🙂", "e\u{301}", "null"]
        return texts[self.index(below: texts.count)] + (self.chance(3) ? String(self.index(below: 1000)) : "")
    }

    /// Ordinary money mostly, sometimes what overflows every integer.
    mutating func number() -> Double {
        switch self.index(below: 12) {
        case 0: .nan
        case 1: 0
        case 2: -0.0
        case 3: Double.random(in: -1e300...1e300, using: &self)
        case 4: Double.random(in: -1e17...1e17, using: &self)
        case 5: Double(self.index(below: 2000) - 1000) / 200
        case 6: self.chance(2) ? .infinity : -.infinity
        default: Double.random(in: -1e6...1e6, using: &self)
        }
    }

    mutating func layout() -> ChannelLayout {
        let paths = ["", "totals", "risk", "risk.var", "a.b.c", "a", "positions"]
        var tables: [Table] = []
        for path in paths where !self.chance(4) { tables.append(self.table(path: path)) }
        return ChannelLayout(tables: tables)
    }

    private mutating func table(path: String) -> Table {
        let shape: TableShape = [.record, .map, .rows][self.index(below: 3)]
        let columns = (0..<(shape == .map ? 1 : self.index(below: 5))).map { index in
            Column(name: "\(self.text())#\(index)", kind: self.kind())
        }
        let keys = shape == .record ? [] : (0..<self.index(below: 20)).map { "\(self.text())/\($0)" }
        var table = Table(path: path, shape: shape, columns: columns, keys: keys)
        if columns.contains(where: { $0.kind == .price }) {
            table.priceDecimals = (0..<table.rowCount).map { _ in UInt8(self.index(below: 19)) }
        }
        return table
    }

    private mutating func kind() -> ColumnKind {
        switch self.index(below: 5) {
        case 0: .decimal(self.index(below: 19))
        case 1: .price
        case 2: .choice((0..<self.index(below: 4)).map { "choice \($0)" })
        case 3: .text
        default: .texts
        }
    }

    /// Sets about `share` of all cells anew.
    mutating func change(_ state: inout ChannelState, oneIn share: Int) {
        let layout = state.layout
        for (table, definition) in layout.tables.enumerated() {
            for (column, columnDefinition) in definition.columns.enumerated() {
                for row in 0..<definition.rowCount where self.chance(share) {
                    switch columnDefinition.kind {
                    case .text:
                        state.texts[layout.textOffset(table: table, column: column) + row] =
                            self.chance(4) ? .absent : .text(self.text())
                    case .texts:
                        state.texts[layout.textOffset(table: table, column: column) + row] =
                            self.chance(4) ? .absent : .list((0..<self.index(below: 3)).map { _ in self.text() })
                    case .choice(let names):
                        state.numbers[layout.numberOffset(table: table, column: column) + row] =
                            names.isEmpty || self.chance(4) ? .nan : Double(self.index(below: names.count))
                    case .decimal, .price:
                        state.numbers[layout.numberOffset(table: table, column: column) + row] = self.number()
                    }
                }
            }
        }
    }

    mutating func state(of layout: ChannelLayout) -> ChannelState {
        var state = ChannelState(layout: layout)
        self.change(&state, oneIn: 1)
        return state
    }
}
