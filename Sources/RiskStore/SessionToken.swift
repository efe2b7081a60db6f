// SPDX-License-Identifier: Apache-2.0
// What a browser or a program shows to be known.

import CLibSodium

/// 256 random bits. Only the holder has them; the store has their ``hash``.
public struct SessionToken: Sendable {
    private static let byteCount = 32

    /// 64 lower-case hexadecimal digits.
    public let text: String

    /// A new one, from the system's random numbers.
    public init() {
        Sodium.start()
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        randombytes_buf(&bytes, bytes.count)
        self.text = Hexadecimal.text(bytes)
    }

    /// One that was shown; `nil` for anything but 64 lower-case hexadecimal digits.
    public init?(text: String) {
        let digits = Set("0123456789abcdef".utf8)
        guard text.utf8.count == 2 * Self.byteCount, text.utf8.allSatisfy(digits.contains) else { return nil }
        self.text = text
    }

    /// BLAKE2b-256 of the text, 64 hexadecimal digits. Without salt: nobody guesses 256 bits.
    public var hash: String {
        var digest = ContentDigest()
        digest.add("tickrisk session token")
        digest.add(self.text)
        return digest.finish()
    }

    /// Whether a stored hash is this token's, in a time that does not depend on where they differ.
    public func matches(hash stored: String) -> Bool {
        let own = Array(self.hash.utf8)
        let other = Array(stored.utf8)
        return own.count == other.count && sodium_memcmp(own, other, own.count) == 0
    }
}

extension SessionToken: CustomStringConvertible, CustomReflectable {
    /// Shows nothing of it.
    public var description: String { "(token)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
