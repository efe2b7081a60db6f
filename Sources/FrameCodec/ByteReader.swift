// SPDX-License-Identifier: Apache-2.0
// Reads the primitives of the binary frame from bytes that may be anything.

/// A cursor over a received body. Every read is checked against the bytes left, every count also against the items
/// that a frame may hold, so that no message makes the receiver work or allocate out of proportion.
package struct ByteReader {
    private let bytes: [UInt8]
    private var offset: Int
    private let end: Int
    private var itemsLeft = FrameLimits.itemsMax

    /// - Precondition: `range` is within `bytes`.
    package init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    package var bytesLeft: Int { self.end - self.offset }

    package mutating func byte() throws(FrameDecodeError) -> UInt8 {
        guard self.offset < self.end else { throw .truncated(neededBytes: 1, availableBytes: 0) }
        defer { self.offset += 1 }
        return self.bytes[self.offset]
    }

    package mutating func varint() throws(FrameDecodeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try self.byte()
            if shift == 63, byte > 1 { throw .varintTooLong }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A number of things of at least one byte each.
    package mutating func count() throws(FrameDecodeError) -> Int { try self.take(items: self.varint()) }

    /// Takes `items` things of at least one byte each off what the frame may hold.
    @discardableResult
    package mutating func take(items: UInt64) throws(FrameDecodeError) -> Int {
        guard items <= UInt64(self.bytesLeft) else {
            throw .truncated(neededBytes: Int(clamping: items), availableBytes: self.bytesLeft)
        }
        guard items <= UInt64(self.itemsLeft) else {
            throw .limitExceeded(what: "items", value: items, limit: UInt64(self.itemsLeft))
        }
        self.itemsLeft -= Int(items)
        return Int(items)
    }

    package mutating func string() throws(FrameDecodeError) -> String { try self.text(byteCount: self.varint()) }

    package mutating func strings(_ count: Int) throws(FrameDecodeError) -> [String] {
        var strings: [String] = []
        strings.reserveCapacity(count)
        for _ in 0..<count { strings.append(try self.string()) }
        return strings
    }

    package mutating func fixed<Integer: FixedWidthInteger>() throws(FrameDecodeError) -> Integer {
        let size = Integer.bitWidth / 8
        guard size <= self.bytesLeft else {
            throw .truncated(neededBytes: size, availableBytes: self.bytesLeft)
        }
        defer { self.offset += size }
        return self.bytes.withUnsafeBytes { bytes in
            Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: self.offset, as: Integer.self))
        }
    }

    /// A count and so many doubles.
    package mutating func doubles(countMax: Int) throws(FrameDecodeError) -> [Double] {
        let count = try self.varint()
        guard count <= UInt64(countMax) else {
            throw .limitExceeded(what: "numbers", value: count, limit: UInt64(countMax))
        }
        guard Int(count) * 8 <= self.bytesLeft else {
            throw .truncated(neededBytes: Int(count) * 8, availableBytes: self.bytesLeft)
        }
        var doubles: [Double] = []
        doubles.reserveCapacity(Int(count))
        for _ in 0..<count { doubles.append(Double(bitPattern: try self.fixed())) }
        return doubles
    }

    package mutating func raw(_ count: Int) throws(FrameDecodeError) -> [UInt8] {
        guard count <= self.bytesLeft else { throw .truncated(neededBytes: count, availableBytes: self.bytesLeft) }
        defer { self.offset += count }
        return Array(self.bytes[self.offset..<self.offset + count])
    }

    /// A text cell as in a snapshot.
    package mutating func cell(isList: Bool) throws(FrameDecodeError) -> TextCell {
        let size = try self.varint()
        if size == 0 { return .absent }
        if isList { return .list(try self.strings(self.take(items: size - 1))) }
        return .text(try self.text(byteCount: size - 1))
    }

    private mutating func text(byteCount: UInt64) throws(FrameDecodeError) -> String {
        guard byteCount <= UInt64(self.bytesLeft) else {
            throw .truncated(neededBytes: Int(clamping: byteCount), availableBytes: self.bytesLeft)
        }
        let range = self.offset..<self.offset + Int(byteCount)
        guard let text = String(validating: self.bytes[range], as: UTF8.self) else { throw .invalidUTF8 }
        self.offset = range.upperBound
        return text
    }
}
