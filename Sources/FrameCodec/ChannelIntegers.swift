// SPDX-License-Identifier: Apache-2.0
// A channel's state as binary frames know it: scaled integers and texts.

/// The integer form of a ``ChannelState``. Encoder and decoder hold equal ones after every frame.
struct ChannelIntegers: Sendable {
    let layout: ChannelLayout
    /// As ``ChannelState/numbers``; ``CellInteger/absent`` where absent.
    var integers: [Int64]
    var texts: [TextCell]

    /// What a receiver of the layout has before any cell is read.
    init(layout: ChannelLayout) {
        self.layout = layout
        self.integers = Array(repeating: CellInteger.absent, count: layout.numberCount)
        self.texts = Array(repeating: .absent, count: layout.textCount)
    }

    /// What a receiver holds after `state` was sent.
    init(_ state: ChannelState) {
        self.layout = state.layout
        self.texts = state.texts
        self.integers = []
        Self.quantise(state, into: &self.integers)
    }

    /// The numbers a receiver shows.
    var state: ChannelState {
        var state = ChannelState(layout: self.layout)
        state.texts = self.texts
        for slot in self.layout.slots {
            switch slot.kind {
            case .text, .texts: continue
            case .choice:
                for index in slot.range {
                    state.numbers[index] = CellInteger.value(of: self.integers[index], decimals: 0)
                }
            case .decimal, .price:
                for row in 0..<slot.rowCount {
                    state.numbers[slot.offset + row] = CellInteger.value(
                        of: self.integers[slot.offset + row], decimals: self.layout.decimals(of: slot, row: row))
                }
            }
        }
        return state
    }

    /// The integer of one cell.
    static func integer(of value: Double, in slot: ColumnSlot, row: Int, layout: ChannelLayout) -> Int64 {
        if case .choice(let count) = slot.kind { return CellInteger.choice(value, count: count) }
        return CellInteger.quantised(value, decimals: layout.decimals(of: slot, row: row))
    }

    /// All integers of a state, into storage that is kept between calls.
    static func quantise(_ state: ChannelState, into integers: inout [Int64]) {
        let layout = state.layout
        precondition(state.numbers.count == layout.numberCount && state.texts.count == layout.textCount)
        integers.removeAll(keepingCapacity: true)
        integers.reserveCapacity(layout.numberCount)
        for slot in layout.slots where slot.isNumeric {
            for row in 0..<slot.rowCount {
                integers.append(self.integer(of: state.numbers[slot.offset + row], in: slot, row: row, layout: layout))
            }
        }
    }
}
