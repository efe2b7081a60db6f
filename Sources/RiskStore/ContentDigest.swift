// SPDX-License-Identifier: Apache-2.0
// Digests of stored values.

import CLibSodium

/// BLAKE2b with 256 bits (RFC 7693) over values in an encoding that no two sequences share: a type byte, then eight
/// bytes, or a count and text.
package struct ContentDigest {
    static let byteCount = 32
    /// What the first row of a chain follows.
    package static let none = String(repeating: "0", count: 2 * Self.byteCount)

    /// The encoding so far: libsodium's streaming state is of a type Swift does not see.
    private var encoding: [UInt8] = []

    package init() {}

    package mutating func add(_ value: StoredValue) {
        switch value {
        case .null: self.add(type: 0, word: 0)
        case .integer(let integer): self.add(type: 1, word: UInt64(bitPattern: integer))
        case .number(let number): self.add(type: 2, word: number.bitPattern)
        case .text(let text): self.add(text)
        }
    }

    package mutating func add(_ text: String) { self.add(type: 3, bytes: Array(text.utf8)) }

    package mutating func add(_ integer: Int64) { self.add(type: 1, word: UInt64(bitPattern: integer)) }

    package mutating func add(_ bytes: [UInt8]) { self.add(type: 4, bytes: bytes) }

    private mutating func add(type: UInt8, bytes: [UInt8]) {
        self.add(type: type, word: UInt64(bytes.count))
        self.encoding += bytes
    }

    private mutating func add(type: UInt8, word: UInt64) {
        self.encoding.append(type)
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
            self.encoding.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    /// 64 lower-case hexadecimal digits.
    package func finish() -> String {
        Sodium.start()
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        let count = UInt64(self.encoding.count)
        precondition(crypto_generichash(&bytes, bytes.count, self.encoding, count, nil, 0) == 0)
        return Hexadecimal.text(bytes)
    }
}

enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

enum Sodium {
    private static let isStarted = sodium_init() >= 0

    /// Must precede every other use of the library; may come again.
    static func start() { precondition(self.isStarted, "libsodium does not start") }
}
