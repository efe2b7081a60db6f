// SPDX-License-Identifier: Apache-2.0
// The schema a store lies in.

import RiskStore

/// A name that needs no quotes: a lower-case letter, then letters, digits and `_`, at most 63 bytes.
public struct SchemaName: Sendable, Equatable {
    public static let standard = "tickrisk"

    public let text: String

    public init(_ text: String) throws(StoreError) {
        guard Self.isValid(text) else {
            throw .unreadable(reason: "\(text) is no schema: a to z, 0 to 9 and _, at most 63 of them")
        }
        self.text = text
    }

    public static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63, !text.hasPrefix("pg_") else { return false }
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        return (isLetter(first) || first == UInt8(ascii: "_"))
            && text.utf8.allSatisfy {
                isLetter($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}
