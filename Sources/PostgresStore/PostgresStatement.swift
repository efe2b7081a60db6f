// SPDX-License-Identifier: Apache-2.0
// Values to and from PostgreSQL's binary format, which keeps every bit of a number.

import CLibPQ
import RiskStore

/// A statement of ours as the server takes it: `$1` for `?`.
enum PostgresText {
    static func numbered(_ sql: String) -> String {
        var result = ""
        var number = 0
        for character in sql {
            guard character == "?" else {
                result.append(character)
                continue
            }
            number += 1
            result += "$\(number)"
        }
        return result
    }

    /// A line of `COPY … FROM STDIN` in text format.
    static func copyLine(_ values: [StoredValue], into bytes: inout [UInt8]) {
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            switch value {
            case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
            case .integer(let integer): bytes += Array("\(integer)".utf8)
            // Swift writes the shortest digits that read back to the same number.
            case .number(let number): bytes += Array("\(number)".utf8)
            case .text(let text):
                for byte in text.utf8 {
                    switch byte {
                    case UInt8(ascii: "\\"): bytes += [byte, byte]
                    case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                    case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
                    case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
                    default: bytes.append(byte)
                    }
                }
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// Arguments in binary format.
struct PostgresArguments {
    private var bytes: [UInt8] = []
    /// Offset and length of each; `nil` for NULL.
    private var places: [(offset: Int, length: Int)?] = []

    init(_ values: [StoredValue]) {
        for value in values {
            let offset = self.bytes.count
            switch value {
            case .null:
                self.places.append(nil)
                continue
            case .integer(let integer): self.add(UInt64(bitPattern: integer))
            case .number(let number): self.add(number.bitPattern)
            case .text(let text): self.bytes += Array(text.utf8)
            }
            self.places.append((offset, self.bytes.count - offset))
        }
        // An empty text has an address too, or it would be NULL.
        self.bytes.append(0)
    }

    private mutating func add(_ word: UInt64) {
        for shift in stride(from: 56 as UInt64, through: 0, by: -8) {
            self.bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// Calls `body` with count, values, lengths and formats as libpq takes them.
    func withPointers<Value>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
        self.bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = self.places.map { place -> UnsafePointer<CChar>? in
                guard let place, let base else { return nil }
                return base + place.offset
            }
            let lengths = self.places.map { Int32($0?.length ?? 0) }
            return body(Int32(values.count), values, lengths, [Int32](repeating: 1, count: values.count))
        }
    }
}

/// Reads the rows of a result in binary format.
struct PostgresResultReader {
    private static let int8: Oid = 20
    private static let int2: Oid = 21
    private static let int4: Oid = 23
    private static let float8: Oid = 701
    private static let bool: Oid = 16

    let names: [String]
    private let types: [Oid]

    init(_ result: OpaquePointer) {
        let columns = 0..<PQnfields(result)
        self.names = columns.map { String(cString: PQfname(result, $0)) }
        self.types = columns.map { PQftype(result, $0) }
    }

    func row(_ row: Int32, of result: OpaquePointer) -> StoredRow {
        let values = self.types.enumerated().map { column, type in
            Self.value(result, row, Int32(column), type)
        }
        return StoredRow(names: self.names, values: values)
    }

    private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid) -> StoredValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        func word() -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch type {
        case self.int8: return .integer(Int64(bitPattern: word()))
        case self.int4: return .integer(Int64(Int32(truncatingIfNeeded: word())))
        case self.int2: return .integer(Int64(Int16(truncatingIfNeeded: word())))
        case self.bool: return .integer(bytes.first == 0 ? 0 : 1)
        case self.float8: return .number(Double(bitPattern: word()))
        default: return .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}
