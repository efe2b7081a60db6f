// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259) read so that nothing is overlooked: names that come twice or are not known are refused. Pure.

import Foundation

/// A value of a request's body.
package enum RequestJSON: Equatable, Sendable {
    case null
    case flag(Bool)
    /// Letter for letter.
    case number(String)
    case text(String)
    case array([RequestJSON])
    /// Each name once.
    case object([String: RequestJSON])

    package enum Fault: Error, Equatable, Sendable {
        /// Not JSON at all, or nested deeper than any body is.
        case malformed
        /// A name that came twice in one object.
        case repeated(String)
    }

    package static let depthMax = 16

    package init(_ bytes: [UInt8]) throws(Fault) {
        var reader = RequestJSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw .malformed }
        self = value
    }
}

private struct RequestJSONReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.place == self.bytes.count }
    private var next: UInt8? { self.place < self.bytes.count ? self.bytes[self.place] : nil }

    mutating func skipSpace() {
        while let byte = self.next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { self.place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.place += 1
        return true
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        let isNext = self.bytes.dropFirst(self.place).prefix(count)
            .elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
        if isNext { self.place += count }
        return isNext
    }

    mutating func value(depth: Int) throws(RequestJSON.Fault) -> RequestJSON {
        guard depth < RequestJSON.depthMax else { throw .malformed }
        self.skipSpace()
        switch self.next {
        case UInt8(ascii: "{"): return try self.object(depth: depth)
        case UInt8(ascii: "["): return try self.array(depth: depth)
        case UInt8(ascii: "\""): return .text(try self.text())
        case UInt8(ascii: "t"): if self.takeWord("true") { return .flag(true) }
        case UInt8(ascii: "f"): if self.takeWord("false") { return .flag(false) }
        case UInt8(ascii: "n"): if self.takeWord("null") { return .null }
        default: return .number(try self.number())
        }
        throw .malformed
    }

    private mutating func object(depth: Int) throws(RequestJSON.Fault) -> RequestJSON {
        self.place += 1
        var members: [String: RequestJSON] = [:]
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            self.skipSpace()
            guard self.next == UInt8(ascii: "\"") else { throw .malformed }
            let name = try self.text()
            self.skipSpace()
            guard self.take(UInt8(ascii: ":")) else { throw .malformed }
            let value = try self.value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else { throw .repeated(name) }
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "}")) else { throw .malformed }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(RequestJSON.Fault) -> RequestJSON {
        self.place += 1
        var items: [RequestJSON] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) { return .array(items) }
        repeat {
            items.append(try self.value(depth: depth + 1))
            self.skipSpace()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "]")) else { throw .malformed }
        return .array(items)
    }

    /// The end of a string is found here; its escapes are the library's business.
    private mutating func text() throws(RequestJSON.Fault) -> String {
        let start = self.place
        self.place += 1
        while let byte = self.next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw .malformed }
            self.place += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard self.take(UInt8(ascii: "\"")) else { throw .malformed }
        let quoted = Data(self.bytes[start..<self.place])
        guard let text = try? JSONDecoder().decode(String.self, from: quoted) else { throw .malformed }
        return text
    }

    private mutating func number() throws(RequestJSON.Fault) -> String {
        let start = self.place
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(UInt8(ascii: "0")) { try self.digits() }
        if self.take(UInt8(ascii: ".")) { try self.digits() }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits()
        }
        return String(decoding: self.bytes[start..<self.place], as: UTF8.self)
    }

    private mutating func digits() throws(RequestJSON.Fault) {
        let start = self.place
        while let byte = self.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.place += 1 }
        guard self.place > start else { throw .malformed }
    }
}
