// SPDX-License-Identifier: Apache-2.0
// Which names this server answers to. Pure.

/// Tells requests meant for this server from those a foreign page had a browser send here under a name of its own
/// (DNS rebinding).
package struct HostPolicy: Sendable {
    private static let loopbackNames: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Lower case, IPv6 addresses in brackets; `nil` where any name will do.
    private let names: Set<String>?

    /// - Parameters:
    ///   - isLoopback: whether the server listens on loopback only; then it answers to the usual names of that.
    ///   - allowedHosts: further names, without ports. Outside loopback none means all.
    package init(isLoopback: Bool, allowedHosts: [String]) {
        let allowed = Set(allowedHosts.map { $0.lowercased() })
        self.names = isLoopback ? allowed.union(Self.loopbackNames) : allowed.isEmpty ? nil : allowed
    }

    package func allows(_ name: String) -> Bool { self.names?.contains(name) ?? true }

    /// The name in a `Host` field, in lower case and without its port; `nil` where the field is malformed.
    package static func name(inHost field: String) -> String? {
        let bytes = Array(field.utf8)
        let nameBytes: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            nameBytes = bytes[...end]
            guard nameBytes.dropFirst().dropLast().allSatisfy(Self.isAddressByte), nameBytes.count > 4 else {
                return nil
            }
        } else {
            nameBytes = bytes.prefix { $0 != UInt8(ascii: ":") }
            guard (1...253).contains(nameBytes.count), nameBytes.allSatisfy(Self.isNameByte) else { return nil }
        }
        let rest = bytes[nameBytes.endIndex...]
        guard rest.isEmpty || rest.first == UInt8(ascii: ":") && Self.isPort(rest.dropFirst()) else { return nil }
        return String(decoding: nameBytes, as: UTF8.self).lowercased()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Digits to 65,535; RFC 3986 lets them be missing.
    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard digits.count <= 5, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65_535
    }
}
