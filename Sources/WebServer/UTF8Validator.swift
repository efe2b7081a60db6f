// SPDX-License-Identifier: Apache-2.0
// Checks UTF-8 that arrives in pieces, and fails at the first byte that cannot belong to it. Pure.

/// Accepts exactly the sequences of Unicode's table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
package struct UTF8Validator {
    private static let continuation: ClosedRange<UInt8> = 0x80...0xBF

    /// Continuation bytes the current character still needs.
    private var missing = 0
    /// What the next of them may be; narrower after some lead bytes.
    private var next = Self.continuation

    package init() {}

    /// Whether the bytes so far end with a character.
    package var isComplete: Bool { self.missing == 0 }

    /// - Returns: false as soon as no continuation could make the bytes so far valid.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes where !self.append(byte) { return false }
        return true
    }

    private mutating func append(_ byte: UInt8) -> Bool {
        if self.missing > 0 {
            guard self.next.contains(byte) else { return false }
            self.missing -= 1
            self.next = Self.continuation
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: self.expect(1)
        case 0xE0: self.expect(2, 0xA0...0xBF)
        case 0xED: self.expect(2, 0x80...0x9F)
        case 0xE1...0xEF: self.expect(2)
        case 0xF0: self.expect(3, 0x90...0xBF)
        case 0xF1...0xF3: self.expect(3)
        case 0xF4: self.expect(3, 0x80...0x8F)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: Int, _ next: ClosedRange<UInt8> = Self.continuation) {
        self.missing = count
        self.next = next
    }
}
