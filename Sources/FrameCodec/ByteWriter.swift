// SPDX-License-Identifier: Apache-2.0
// Appends the primitives of the binary frame.

/// Bytes under construction; keeps its storage between frames.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func removeAll() { self.bytes.removeAll(keepingCapacity: true) }

    package mutating func byte(_ byte: UInt8) { self.bytes.append(byte) }

    package mutating func append(_ other: [UInt8]) { self.bytes.append(contentsOf: other) }

    package mutating func fixed<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { self.bytes.append(contentsOf: $0) }
    }

    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func varint(_ count: Int) { self.varint(UInt64(count)) }

    package mutating func utf8(_ text: String) { self.bytes.append(contentsOf: text.utf8) }

    package mutating func string(_ text: String) {
        self.varint(text.utf8.count)
        self.utf8(text)
    }

    /// A text cell as in a snapshot.
    package mutating func cell(_ cell: TextCell) {
        switch cell {
        case .absent: self.varint(0)
        case .text(let text):
            self.varint(text.utf8.count + 1)
            self.utf8(text)
        case .list(let texts):
            self.varint(texts.count + 1)
            for text in texts { self.string(text) }
        }
    }
}
