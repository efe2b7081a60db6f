// SPDX-License-Identifier: Apache-2.0
// What nodes of one house have in common and nobody else has.

import CLibSodium

public struct SharedSecret: Sendable {
    /// For whoever shares it.
    public let text: String

    public init(_ text: String) { self.text = text }

    /// In a time that depends on nothing of the secret but its length.
    public func matches(_ shown: String) -> Bool {
        Sodium.start()
        func digest(_ text: String) -> [UInt8] {
            var digest = ContentDigest()
            digest.add("tickrisk shared secret")
            digest.add(text)
            return Array(digest.finish().utf8)
        }
        let (own, other) = (digest(self.text), digest(shown))
        return own.count == other.count && sodium_memcmp(own, other, own.count) == 0
    }
}

extension SharedSecret: CustomStringConvertible, CustomReflectable {
    /// Shows nothing of it.
    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
