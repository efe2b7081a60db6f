// SPDX-License-Identifier: Apache-2.0
// The JSON form of a state and of the difference of two.

extension ChannelState {
    /// The `data` object with every present cell, numbers unrounded.
    public func jsonData() -> [UInt8] {
        var json = JSONWriter()
        json.data(of: self)
        return json.bytes
    }

    /// As ``jsonData()``, but of the objects inside it only those of these names.
    public func jsonData(only names: Set<String>) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.members(of: 0, self, only: names)
        json.endObject()
        return json.bytes
    }

    /// The RFC 7396 merge patch that turns `base` into this state; `{}` when nothing differs.
    ///
    /// - Precondition: both have equal layouts.
    public func mergePatch(from base: ChannelState) -> [UInt8] {
        var json = JSONWriter()
        json.mergePatch(from: base, to: self)
        return json.bytes
    }
}

extension JSONWriter {
    mutating func data(of state: ChannelState) {
        self.beginObject()
        self.members(of: 0, state)
        self.endObject()
    }

    fileprivate mutating func members(of object: Int, _ state: ChannelState, only names: Set<String>? = nil) {
        let plan = state.layout.objects[object]
        if let table = plan.table {
            let slots = state.layout.slots(ofTable: table)
            switch state.layout.tables[table].shape {
            case .record: self.cells(slots, row: 0, state)
            case .map:
                for (row, key) in state.layout.tables[table].keys.enumerated() {
                    for slot in slots where state.isPresent(slot, row) { self.cell(state, slot, row, name: key) }
                }
            case .rows:
                for (row, key) in state.layout.tables[table].keys.enumerated() {
                    self.key(key)
                    self.beginObject()
                    self.cells(slots, row: row, state)
                    self.endObject()
                }
            }
        }
        for inner in plan.objects where names?.contains(state.layout.objects[inner].name) ?? true {
            self.key(state.layout.objects[inner].name)
            self.beginObject()
            self.members(of: inner, state)
            self.endObject()
        }
    }

    private mutating func cells(_ slots: ArraySlice<ColumnSlot>, row: Int, _ state: ChannelState) {
        for slot in slots where state.isPresent(slot, row) {
            self.cell(state, slot, row, name: state.layout.name(of: slot))
        }
    }

    mutating func mergePatch(from base: ChannelState, to state: ChannelState) {
        precondition(base.layout == state.layout, "a patch needs states of one layout")
        self.beginObject()
        _ = self.changes(of: 0, base, state)
        self.endObject()
    }

    /// Returns whether anything was written.
    private mutating func changes(of object: Int, _ base: ChannelState, _ state: ChannelState) -> Bool {
        let plan = state.layout.objects[object]
        var any = false
        if let table = plan.table, state.table(table, differsFrom: base) {
            let slots = state.layout.slots(ofTable: table)
            switch state.layout.tables[table].shape {
            case .record: any = self.changedCells(slots, row: 0, base, state)
            case .map:
                for (row, key) in state.layout.tables[table].keys.enumerated() {
                    for slot in slots where !state.isSame(as: base, slot, row) {
                        self.change(state, slot, row, name: key)
                        any = true
                    }
                }
            case .rows:
                for (row, key) in state.layout.tables[table].keys.enumerated() {
                    if slots.allSatisfy({ state.isSame(as: base, $0, row) }) { continue }
                    any = self.objectMember(key) { $0.changedCells(slots, row: row, base, state) } || any
                }
            }
        }
        for inner in plan.objects {
            any = self.objectMember(state.layout.objects[inner].name) { $0.changes(of: inner, base, state) } || any
        }
        return any
    }

    private mutating func changedCells(
        _ slots: ArraySlice<ColumnSlot>, row: Int, _ base: ChannelState, _ state: ChannelState
    ) -> Bool {
        var any = false
        for slot in slots where !state.isSame(as: base, slot, row) {
            self.change(state, slot, row, name: state.layout.name(of: slot))
            any = true
        }
        return any
    }

    private mutating func change(_ state: ChannelState, _ slot: ColumnSlot, _ row: Int, name: String) {
        if state.isPresent(slot, row) {
            self.cell(state, slot, row, name: name)
        } else {
            self.key(name)
            self.null()
        }
    }

    /// A present cell as a member.
    private mutating func cell(_ state: ChannelState, _ slot: ColumnSlot, _ row: Int, name: String) {
        self.key(name)
        if slot.isNumeric {
            let number = state.numbers[slot.offset + row]
            if case .choice(let names) = state.layout.tables[slot.table].columns[slot.column].kind {
                self.value(names[Int(number)])
            } else {
                self.value(number)
            }
            return
        }
        switch state.texts[slot.offset + row] {
        case .absent: self.null()
        case .text(let text): self.value(text)
        case .list(let texts): self.value(texts)
        }
    }
}

extension ChannelLayout {
    fileprivate func slots(ofTable table: Int) -> ArraySlice<ColumnSlot> {
        self.slots[self.firstSlots[table]...].prefix(self.tables[table].columns.count)
    }

    fileprivate func name(of slot: ColumnSlot) -> String { self.tables[slot.table].columns[slot.column].name }
}

extension ChannelState {
    fileprivate func isPresent(_ slot: ColumnSlot, _ row: Int) -> Bool {
        guard slot.isNumeric else { return self.texts[slot.offset + row] != .absent }
        let number = self.numbers[slot.offset + row]
        if case .choice(let count) = slot.kind {
            return CellInteger.choice(number, count: count) != CellInteger.absent
        }
        return !number.isNaN
    }

    fileprivate func isSame(as base: ChannelState, _ slot: ColumnSlot, _ row: Int) -> Bool {
        let index = slot.offset + row
        guard slot.isNumeric else { return self.texts[index] == base.texts[index] }
        return Self.isSame(self.numbers[index], base.numbers[index])
    }

    /// Whether any cell of the table differs: most tables of most cuts do not.
    fileprivate func table(_ table: Int, differsFrom base: ChannelState) -> Bool {
        var differs = false
        for column in self.layout.tables[table].columns.indices where !differs {
            let slot = self.layout.slot(table: table, column: column)
            if slot.isNumeric {
                Self.forEachChange(in: slot.range, from: base.numbers, to: self.numbers) { _ in
                    differs = true
                    return false
                }
            } else {
                differs = self.texts[slot.range] != base.texts[slot.range]
            }
        }
        return differs
    }
}
