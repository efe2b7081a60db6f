// SPDX-License-Identifier: Apache-2.0
// A transaction the server does not have yet, as bytes.

import RiskStore

/// Numbers are little-endian, texts follow their count of bytes.
struct OutboxRecord: Sendable {
    /// Where the chains end after it; their count of commits is its number.
    var heads: ChainHeads
    var entryCount: Int
    var writes: [StoredWrite]

    var bytes: [UInt8] {
        var encoder = ByteEncoder()
        encoder.add(HeadsFile.text(self.heads))
        encoder.add(Int64(self.entryCount))
        encoder.add(Int64(self.writes.count))
        for write in self.writes { encoder.add(write) }
        return encoder.bytes
    }

    init(heads: ChainHeads, entryCount: Int, writes: [StoredWrite]) {
        self.heads = heads
        self.entryCount = entryCount
        self.writes = writes
    }

    /// - Throws: for bytes that ``bytes`` did not give.
    init(bytes: [UInt8]) throws(StoreError) {
        var decoder = ByteDecoder(bytes: bytes[...])
        self.heads = try HeadsFile.parse(try decoder.text())
        self.entryCount = Int(try decoder.integer())
        let count = try decoder.count()
        self.writes = []
        for _ in 0..<count { self.writes.append(try decoder.write()) }
        guard decoder.bytes.isEmpty else { throw ByteDecoder.damage }
    }
}

struct ByteEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ integer: Int64) {
        for shift in stride(from: 0 as Int64, to: 64, by: 8) {
            self.bytes.append(UInt8(truncatingIfNeeded: integer >> shift))
        }
    }

    mutating func add(_ text: String) {
        self.add(Int64(text.utf8.count))
        self.bytes += Array(text.utf8)
    }

    mutating func add(_ value: StoredValue) {
        switch value {
        case .null: self.bytes.append(0)
        case .integer(let integer):
            self.bytes.append(1)
            self.add(integer)
        case .number(let number):
            self.bytes.append(2)
            self.add(Int64(bitPattern: number.bitPattern))
        case .text(let text):
            self.bytes.append(3)
            self.add(text)
        }
    }

    private mutating func add(_ columns: [StoredColumn]) {
        self.add(Int64(columns.count))
        for column in columns {
            self.add(column.name)
            self.add(column.value)
        }
    }

    mutating func add(_ write: StoredWrite) {
        switch write {
        case .put(let table, let columns, let key):
            self.bytes.append(0)
            self.add(table)
            self.add(columns)
            self.add(Int64(key.count))
            for name in key { self.add(name) }
        case .remove(let table, let columns):
            self.bytes.append(1)
            self.add(table)
            self.add(columns)
        case .clear(let table):
            self.bytes.append(2)
            self.add(table)
        case .fold(let values):
            self.bytes.append(3)
            self.add(Int64(values.count))
            for value in values { self.add(value) }
        case .trim(let resolution, let seconds):
            self.bytes.append(4)
            self.add(resolution)
            self.add(seconds)
        }
    }
}

struct ByteDecoder {
    static let damage = StoreError.damaged(detail: "a record of the outbox is not what was written")

    private(set) var bytes: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private mutating func take(_ count: Int) throws(StoreError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= self.bytes.count else { throw Self.damage }
        defer { self.bytes = self.bytes.dropFirst(count) }
        return self.bytes.prefix(count)
    }

    mutating func integer() throws(StoreError) -> Int64 {
        Int64(bitPattern: try self.take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// How much follows: never more than there are bytes.
    mutating func count() throws(StoreError) -> Int {
        let count = try self.integer()
        guard (0...Int64(self.bytes.count)).contains(count) else { throw Self.damage }
        return Int(count)
    }

    mutating func text() throws(StoreError) -> String {
        String(decoding: try self.take(try self.count()), as: UTF8.self)
    }

    private mutating func value() throws(StoreError) -> StoredValue {
        switch try self.take(1).first {
        case 0: .null
        case 1: .integer(try self.integer())
        case 2: .number(Double(bitPattern: UInt64(bitPattern: try self.integer())))
        case 3: .text(try self.text())
        default: throw Self.damage
        }
    }

    private mutating func columns() throws(StoreError) -> [StoredColumn] {
        var columns: [StoredColumn] = []
        for _ in 0..<(try self.count()) { columns.append((try self.text(), try self.value())) }
        return columns
    }

    mutating func write() throws(StoreError) -> StoredWrite {
        switch try self.take(1).first {
        case 0:
            let table = try self.text()
            let columns = try self.columns()
            var key: [String] = []
            for _ in 0..<(try self.count()) { key.append(try self.text()) }
            return .put(table: table, columns: columns, key: key)
        case 1: return .remove(table: try self.text(), columns: try self.columns())
        case 2: return .clear(table: try self.text())
        case 3:
            var values: [StoredValue] = []
            for _ in 0..<(try self.count()) { values.append(try self.value()) }
            return .fold(values)
        case 4: return .trim(resolution: try self.integer(), beforeSeconds: try self.integer())
        default: throw Self.damage
        }
    }
}
