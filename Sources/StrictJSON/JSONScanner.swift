// SPDX-License-Identifier: Apache-2.0
// A strict reader of RFC 8259 JSON over bytes that nobody vouches for.

import Glibc

/// Walks JSON text value by value without building anything.
///
/// Every read is checked against the end, nesting is bounded by ``depthMax``, and 64-bit integers stay exact, which
/// a parser that goes through doubles does not give. Bytes are taken to be UTF-8: see ``init(validating:)``.
package struct JSONScanner {
    /// The text is not JSON, or is nested too deeply.
    package struct Malformed: Error {
        package init() {}
    }

    package static let depthMax = 32
    private let bytes: UnsafeRawBufferPointer
    package fileprivate(set) var position: Int

    /// `nil` when the bytes are not UTF-8.
    package init?(validating bytes: UnsafeRawBufferPointer) {
        guard (try? UTF8Span(validating: Span(_unsafeBytes: bytes))) != nil else { return nil }
        self.init(validated: bytes, at: 0)
    }

    /// Goes on at `position` in bytes that were validated before.
    package init(validated bytes: UnsafeRawBufferPointer, at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// 0 at the end, which no JSON text contains.
    private var current: UInt8 { self.position < self.bytes.count ? self.bytes[self.position] : 0 }

    /// First byte of the next token: it tells what kind of value follows; 0 at the end.
    package mutating func peek() -> UInt8 {
        while true {
            switch self.current {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): self.position += 1
            case let byte: return byte
            }
        }
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard self.peek() == byte else { throw Malformed() }
        self.position += 1
    }

    private mutating func skip(ifNext byte: UInt8) -> Bool {
        guard self.peek() == byte else { return false }
        self.position += 1
        return true
    }

    package mutating func expectEnd() throws(Malformed) {
        guard self.peek() == 0, self.position >= self.bytes.count else { throw Malformed() }
    }

    /// Reads an object. `visit` gets the name of each member and has to read or skip its value.
    package mutating func eachMember(
        _ visit: (inout JSONScanner, String) throws(Malformed) -> Void
    ) throws(Malformed) {
        try self.expect(UInt8(ascii: "{"))
        if self.skip(ifNext: UInt8(ascii: "}")) { return }
        repeat {
            let name = try self.string()
            try self.expect(UInt8(ascii: ":"))
            try visit(&self, name)
        } while self.skip(ifNext: UInt8(ascii: ","))
        try self.expect(UInt8(ascii: "}"))
    }

    /// Reads an array. `visit` has to read or skip each element.
    package mutating func eachElement(_ visit: (inout JSONScanner) throws(Malformed) -> Void) throws(Malformed) {
        try self.expect(UInt8(ascii: "["))
        if self.skip(ifNext: UInt8(ascii: "]")) { return }
        repeat { try visit(&self) } while self.skip(ifNext: UInt8(ascii: ","))
        try self.expect(UInt8(ascii: "]"))
    }

    /// Checks a value of any kind and moves behind it.
    package mutating func skipValue(depth: Int = 0) throws(Malformed) {
        guard depth < Self.depthMax else { throw Malformed() }
        switch self.peek() {
        case UInt8(ascii: "{"):
            self.position += 1
            if self.skip(ifNext: UInt8(ascii: "}")) { return }
            repeat {
                try self.stringText()
                try self.expect(UInt8(ascii: ":"))
                try self.skipValue(depth: depth + 1)
            } while self.skip(ifNext: UInt8(ascii: ","))
            try self.expect(UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            try self.eachElement { scanner throws(Malformed) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): try self.stringText()
        case UInt8(ascii: "t"): try self.literal("true")
        case UInt8(ascii: "f"): try self.literal("false")
        case UInt8(ascii: "n"): try self.literal("null")
        default: _ = try self.numberText()
        }
    }

    private mutating func literal(_ word: StaticString) throws(Malformed) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.current == word.utf8Start[offset] else { throw Malformed() }
            self.position += 1
        }
    }
}

// MARK: Strings

extension JSONScanner {
    /// Reads a string; `nil`, and moved behind the value, when the next value is none.
    package mutating func stringIfPresent() throws(Malformed) -> String? {
        if self.peek() == UInt8(ascii: "\"") { return try self.string() }
        try self.skipValue()
        return nil
    }

    private mutating func string() throws(Malformed) -> String {
        let (inside, hasEscapes) = try self.stringText()
        guard hasEscapes else { return String(decoding: self.bytes[inside], as: UTF8.self) }
        var text: [UInt8] = []
        var reader = JSONScanner(validated: self.bytes, at: inside.lowerBound)
        while reader.position < inside.upperBound {
            if reader.current == UInt8(ascii: "\\") {
                text.append(contentsOf: String(try reader.escape()).utf8)
            } else {
                text.append(reader.current)
                reader.position += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Checks a string, moves behind it, and returns where its inside is.
    @discardableResult
    private mutating func stringText() throws(Malformed) -> (inside: Range<Int>, hasEscapes: Bool) {
        try self.expect(UInt8(ascii: "\""))
        let start = self.position
        var hasEscapes = false
        while true {
            switch self.current {
            case UInt8(ascii: "\""):
                self.position += 1
                return (start..<self.position - 1, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                _ = try self.escape()
            case 0..<0x20: throw Malformed()
            default: self.position += 1
            }
        }
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        self.position += 1
        let letter = self.current
        self.position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.unicodeEscape()
        default: throw Malformed()
        }
    }

    /// The part after `\u`; characters beyond the basic plane are a pair of surrogates, and half a pair is malformed.
    private mutating func unicodeEscape() throws(Malformed) -> Unicode.Scalar {
        let unit = try self.hexadecimalUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        try self.literal("\\u")
        let low = try self.hexadecimalUnit()
        guard UTF16.isLeadSurrogate(unit), UTF16.isTrailSurrogate(low) else { throw Malformed() }
        return UTF16.decode(UTF16.EncodedScalar([unit, low]))
    }

    private mutating func hexadecimalUnit() throws(Malformed) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(self.current)).hexDigitValue else { throw Malformed() }
            unit = unit << 4 | UInt16(digit)
            self.position += 1
        }
        return unit
    }
}

// MARK: Numbers

extension JSONScanner {
    private var isAtNumber: Bool { self.isAtDigit || self.current == UInt8(ascii: "-") }

    private var isAtDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self.current }

    /// Reads a number as the nearest double, infinite beyond the largest; `nil`, and moved behind the value, when the
    /// next value is none.
    package mutating func doubleIfPresent() throws(Malformed) -> Double? {
        _ = self.peek()
        guard self.isAtNumber else {
            try self.skipValue()
            return nil
        }
        let text = try self.numberText()
        // strtod stops at the first byte that is no part of the number; in an object or array there is one.
        guard text.upperBound < self.bytes.count, let base = self.bytes.baseAddress else { throw Malformed() }
        return strtod(base.advanced(by: text.lowerBound).assumingMemoryBound(to: CChar.self), nil)
    }

    /// Reads a whole number without fraction and exponent, exactly; `nil`, and moved behind the value, when the next
    /// value is none in the range of 64 bits.
    package mutating func unsignedIfPresent() throws(Malformed) -> UInt64? {
        _ = self.peek()
        guard self.isAtNumber else {
            try self.skipValue()
            return nil
        }
        let text = try self.numberText()
        var value: UInt64 = 0
        for position in text {
            let byte = self.bytes[position]
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// Reads a number letter for letter; `nil`, and moved behind the value, when the next value is none.
    package mutating func numberIfPresent() throws(Malformed) -> String? {
        _ = self.peek()
        guard self.isAtNumber else {
            try self.skipValue()
            return nil
        }
        return String(decoding: self.bytes[try self.numberText()], as: UTF8.self)
    }

    /// Checks a number, moves behind it, and returns where it is.
    private mutating func numberText() throws(Malformed) -> Range<Int> {
        let start = self.position
        if self.current == UInt8(ascii: "-") { self.position += 1 }
        if self.current == UInt8(ascii: "0") { self.position += 1 } else { try self.digits() }
        if self.current == UInt8(ascii: ".") {
            self.position += 1
            try self.digits()
        }
        if self.current | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            if self.current == UInt8(ascii: "-") || self.current == UInt8(ascii: "+") { self.position += 1 }
            try self.digits()
        }
        return start..<self.position
    }

    /// One digit or more.
    private mutating func digits() throws(Malformed) {
        guard self.isAtDigit else { throw Malformed() }
        while self.isAtDigit { self.position += 1 }
    }
}
