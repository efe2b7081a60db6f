// SPDX-License-Identifier: Apache-2.0
// The body of a snapshot: the layout, then every cell.

/// Writes and reads snapshot bodies (docs/wire-format.md, "Snapshot body").
enum SnapshotBody {
    /// - Parameter integers: the state's, by ``ChannelIntegers/quantise(_:into:)``.
    static func write(layout: ChannelLayout, integers: [Int64], texts: [TextCell], into writer: inout ByteWriter) {
        writer.varint(layout.tables.count)
        for table in layout.tables { self.write(table, into: &writer) }
        for slot in layout.slots {
            for index in slot.range {
                if slot.isNumeric {
                    let integer = integers[index]
                    writer.varint(integer == CellInteger.absent ? 0 : CellInteger.zigzag(integer) + 1)
                } else {
                    writer.cell(texts[index])
                }
            }
        }
    }

    static func read(_ reader: inout ByteReader) throws(FrameDecodeError) -> ChannelIntegers {
        let tableCount = try reader.count()
        var tables: [Table] = []
        for _ in 0..<tableCount { tables.append(try self.readTable(&reader)) }
        if let problem = ChannelLayout.problem(in: tables) { throw .inconsistentLayout(reason: problem) }
        var cells: UInt64 = 0
        for table in tables { cells += UInt64(table.rowCount * table.columns.count) }
        try reader.take(items: cells)
        var state = ChannelIntegers(layout: ChannelLayout(checked: tables))
        for slot in state.layout.slots {
            if slot.isNumeric {
                for index in slot.range {
                    let bits = try reader.varint()
                    if bits > 0 { state.integers[index] = try slot.checked(CellInteger.unzigzag(bits - 1)) }
                }
            } else {
                for index in slot.range { state.texts[index] = try reader.cell(isList: slot.isList) }
            }
        }
        return state
    }

    private static func write(_ table: Table, into writer: inout ByteWriter) {
        writer.string(table.path)
        writer.byte(table.shape.rawValue)
        writer.varint(table.columns.count)
        for column in table.columns {
            writer.string(column.name)
            switch column.kind {
            case .decimal(let decimals):
                writer.byte(0)
                writer.byte(UInt8(decimals))
            case .price: writer.byte(1)
            case .choice(let names):
                writer.byte(2)
                writer.varint(names.count)
                for name in names { writer.string(name) }
            case .text: writer.byte(3)
            case .texts: writer.byte(4)
            }
        }
        writer.varint(table.rowCount)
        for key in table.keys { writer.string(key) }
        if table.hasPrices { writer.append(table.priceDecimals) }
    }

    private static func readTable(_ reader: inout ByteReader) throws(FrameDecodeError) -> Table {
        let path = try reader.string()
        let shapeCode = try reader.byte()
        guard let shape = TableShape(rawValue: shapeCode) else {
            throw .outOfRange(what: "shape of a table", value: UInt64(shapeCode))
        }
        var table = Table(path: path, shape: shape, columns: [])
        for _ in 0..<(try reader.count()) {
            table.columns.append(Column(name: try reader.string(), kind: try self.readKind(&reader)))
        }
        if shape == .record {
            let rows = try reader.varint()
            guard rows == 1 else { throw .outOfRange(what: "rows of a record", value: rows) }
        } else {
            table.keys = try reader.strings(reader.count())
        }
        if table.hasPrices { table.priceDecimals = try reader.raw(table.rowCount) }
        return table
    }

    private static func readKind(_ reader: inout ByteReader) throws(FrameDecodeError) -> ColumnKind {
        let code = try reader.byte()
        switch code {
        case 0: return .decimal(Int(try reader.byte()))
        case 1: return .price
        case 2: return .choice(try reader.strings(reader.count()))
        case 3: return .text
        case 4: return .texts
        default: throw .outOfRange(what: "type of a column", value: UInt64(code))
        }
    }
}

extension ColumnSlot {
    var isList: Bool {
        if case .texts = self.kind { return true }
        return false
    }

    /// The received integer, if the column can hold it.
    func checked(_ integer: Int64) throws(FrameDecodeError) -> Int64 {
        if case .choice(let count) = self.kind {
            guard integer >= 0, integer < count else {
                throw .outOfRange(what: "choice", value: UInt64(bitPattern: integer))
            }
        } else if integer.magnitude > CellInteger.magnitudeMax.magnitude {
            throw .outOfRange(what: "number", value: integer.magnitude)
        }
        return integer
    }
}
