// SPDX-License-Identifier: Apache-2.0
// The body of a delta: the cells that changed, column by column.

/// Writes and reads delta bodies (docs/wire-format.md, "Delta body"). Keeps its scratch storage between frames.
struct DeltaBody {
    private var changed: [Int] = []
    private var rows: [Int] = []
    private var changes: [UInt64] = []
    private var groups = ByteWriter()

    /// - Precondition: both states have equal layouts.
    mutating func write(from base: ChannelState, to state: ChannelState, into writer: inout ByteWriter) {
        self.changed.removeAll(keepingCapacity: true)
        ChannelState.forEachChange(in: 0..<state.layout.numberCount, from: base.numbers, to: state.numbers) { index in
            self.changed.append(index)
            return true
        }
        self.groups.removeAll()
        var groupCount = 0
        var next = 0
        for slot in state.layout.slots {
            if slot.isNumeric {
                let first = next
                while next < self.changed.count, self.changed[next] < slot.range.upperBound { next += 1 }
                if first == next { continue }
                self.collect(self.changed[first..<next], of: slot, from: base, to: state)
            } else {
                self.rows.removeAll(keepingCapacity: true)
                for row in 0..<slot.rowCount where base.texts[slot.offset + row] != state.texts[slot.offset + row] {
                    self.rows.append(row)
                }
            }
            if self.rows.isEmpty { continue }
            groupCount += 1
            self.writeGroup(of: slot, texts: state.texts)
        }
        writer.varint(groupCount)
        writer.append(self.groups.bytes)
    }

    /// The rows whose integers differ, and how: a double may change within its rounding.
    private mutating func collect(
        _ indices: ArraySlice<Int>, of slot: ColumnSlot, from base: ChannelState, to state: ChannelState
    ) {
        self.rows.removeAll(keepingCapacity: true)
        self.changes.removeAll(keepingCapacity: true)
        let layout = state.layout
        for index in indices {
            let row = index - slot.offset
            let old = ChannelIntegers.integer(of: base.numbers[index], in: slot, row: row, layout: layout)
            let new = ChannelIntegers.integer(of: state.numbers[index], in: slot, row: row, layout: layout)
            if old == new { continue }
            self.rows.append(row)
            let start = old == CellInteger.absent ? 0 : old
            self.changes.append(new == CellInteger.absent ? 0 : CellInteger.zigzag(new - start) + 1)
        }
    }

    private mutating func writeGroup(of slot: ColumnSlot, texts: [TextCell]) {
        self.groups.varint(slot.table)
        self.groups.varint(slot.column)
        self.groups.varint(self.rows.count)
        var previous = -1
        for row in self.rows {
            self.groups.varint(row - previous - 1)
            previous = row
        }
        if slot.isNumeric {
            for change in self.changes { self.groups.varint(change) }
        } else {
            for row in self.rows { self.groups.cell(texts[slot.offset + row]) }
        }
    }

    /// Applies a received body. On an error the state is left half changed: give it a copy.
    static func apply(_ reader: inout ByteReader, to state: inout ChannelIntegers) throws(FrameDecodeError) {
        var previous = (-1, -1)
        for _ in 0..<(try reader.count()) {
            let table = try self.index(&reader, "table", below: state.layout.tables.count)
            let column = try self.index(&reader, "column", below: state.layout.tables[table].columns.count)
            guard (table, column) > previous else { throw .outOfRange(what: "order of groups", value: UInt64(table)) }
            previous = (table, column)
            let slot = state.layout.slot(table: table, column: column)
            var rows: [Int] = []
            var next = 0
            for _ in 0..<(try reader.count()) {
                let row = next + (try self.index(&reader, "row", below: slot.rowCount - next))
                rows.append(row)
                next = row + 1
            }
            for row in rows { try self.applyChange(&reader, to: &state, slot: slot, index: slot.offset + row) }
        }
    }

    private static func applyChange(
        _ reader: inout ByteReader, to state: inout ChannelIntegers, slot: ColumnSlot, index: Int
    ) throws(FrameDecodeError) {
        guard slot.isNumeric else {
            state.texts[index] = try reader.cell(isList: slot.isList)
            return
        }
        let bits = try reader.varint()
        guard bits > 0 else {
            state.integers[index] = CellInteger.absent
            return
        }
        let start = state.integers[index] == CellInteger.absent ? 0 : state.integers[index]
        let (sum, overflows) = start.addingReportingOverflow(CellInteger.unzigzag(bits - 1))
        if overflows { throw .outOfRange(what: "change of a number", value: bits) }
        state.integers[index] = try slot.checked(sum)
    }

    private static func index(
        _ reader: inout ByteReader, _ what: String, below count: Int
    ) throws(FrameDecodeError) -> Int {
        let value = try reader.varint()
        guard value < UInt64(count) else { throw .outOfRange(what: what, value: value) }
        return Int(value)
    }
}
