// SPDX-License-Identifier: Apache-2.0
// A JSON reader and RFC 7396 that share nothing with the code under test.

/// A JSON value; members have no order and numbers are doubles.
indirect enum PatchableJSON: Equatable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case array([PatchableJSON])
    case object([String: PatchableJSON])

    struct Malformed: Error { let offset: Int }

    init(parsing bytes: [UInt8]) throws {
        var parser = Parser(bytes: bytes)
        self = try parser.value()
        guard parser.offset == bytes.count else { throw Malformed(offset: parser.offset) }
    }

    subscript(name: String) -> PatchableJSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// MergePatch of RFC 7396, section 2.
    func merged(with patch: PatchableJSON) -> PatchableJSON {
        guard case .object(let changes) = patch else { return patch }
        var members: [String: PatchableJSON] = [:]
        if case .object(let own) = self { members = own }
        for (name, value) in changes {
            members[name] = value == .null ? nil : (members[name] ?? .null).merged(with: value)
        }
        return .object(members)
    }

    private struct Parser {
        let bytes: [UInt8]
        var offset = 0

        mutating func value() throws -> PatchableJSON {
            switch self.peek {
            case UInt8(ascii: "{"): return .object(try self.object())
            case UInt8(ascii: "["): return .array(try self.array())
            case UInt8(ascii: "\""): return .text(try self.string())
            case UInt8(ascii: "n"): return try self.literal("null", .null)
            case UInt8(ascii: "t"): return try self.literal("true", .flag(true))
            case UInt8(ascii: "f"): return try self.literal("false", .flag(false))
            default: return .number(try self.number())
            }
        }

        private var peek: UInt8? { self.offset < self.bytes.count ? self.bytes[self.offset] : nil }

        private mutating func expect(_ text: String) throws {
            guard self.bytes[self.offset...].starts(with: text.utf8) else { throw Malformed(offset: self.offset) }
            self.offset += text.utf8.count
        }

        private mutating func literal(_ text: String, _ value: PatchableJSON) throws -> PatchableJSON {
            try self.expect(text)
            return value
        }

        private mutating func object() throws -> [String: PatchableJSON] {
            var members: [String: PatchableJSON] = [:]
            try self.expect("{")
            while self.peek != UInt8(ascii: "}") {
                if !members.isEmpty { try self.expect(",") }
                let name = try self.string()
                try self.expect(":")
                guard members.updateValue(try self.value(), forKey: name) == nil else {
                    throw Malformed(offset: self.offset)
                }
            }
            try self.expect("}")
            return members
        }

        private mutating func array() throws -> [PatchableJSON] {
            var items: [PatchableJSON] = []
            try self.expect("[")
            while self.peek != UInt8(ascii: "]") {
                if !items.isEmpty { try self.expect(",") }
                items.append(try self.value())
            }
            try self.expect("]")
            return items
        }

        private mutating func string() throws -> String {
            let escapes: [UInt8: UInt8] = [0x22: 0x22, 0x5C: 0x5C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09]
            var text: [UInt8] = []
            try self.expect("\"")
            while let byte = self.peek, byte != UInt8(ascii: "\"") {
                guard byte >= 0x20 else { throw Malformed(offset: self.offset) }
                self.offset += 1
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let code = self.peek else { break }
                self.offset += 1
                if let escape = escapes[code] {
                    text.append(escape)
                } else {
                    let digits = String(decoding: self.bytes[self.offset..<self.offset + 4], as: UTF8.self)
                    guard code == UInt8(ascii: "u"), let scalar = UInt8(digits, radix: 16) else {
                        throw Malformed(offset: self.offset)
                    }
                    text.append(scalar)
                    self.offset += 4
                }
            }
            try self.expect("\"")
            return String(decoding: text, as: UTF8.self)
        }

        private mutating func number() throws -> Double {
            let start = self.offset
            while let byte = self.peek, "+-.0123456789e".utf8.contains(byte) { self.offset += 1 }
            guard let number = Double(String(decoding: self.bytes[start..<self.offset], as: UTF8.self)) else {
                throw Malformed(offset: start)
            }
            return number
        }
    }
}
