// SPDX-License-Identifier: Apache-2.0
// The small grammars of settings and identifiers: currency codes, times of day, web origins, identifier bytes.

import RiskDomain

extension UInt8 {
    /// Letters, digits, `_` and `-` of ASCII.
    var isIdentifierByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// ISO 4217 in form: three capital letters.
enum CurrencyCode {
    static func isValid(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Codes of minor units, ascending.
    static let minorUnits = CurrencyGraph.minorUnits.keys.sorted()

    static func isMinorUnit(_ text: String) -> Bool { CurrencyGraph.minorUnits[text] != nil }

    /// The currency a code is a unit of.
    static func whole(_ code: String) -> String { CurrencyGraph.minorUnits[code]?.currency ?? code }
}

/// A time of day written "HH:MM".
enum RollTime {
    /// Minutes after midnight, or `nil`.
    static func minutes(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), bytes[0] != UInt8(ascii: "-"),
            bytes[3] != UInt8(ascii: "-"), let hours = DecimalNumber.parseWhole(bytes[0..<2]),
            let minutes = DecimalNumber.parseWhole(bytes[3..<5]), hours < 24, minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }

    static func format(minutes: Int) -> String {
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
    }
}

/// The value of an `Origin` header: scheme, host and port as browsers send them.
enum WebOrigin {
    static func isValid(_ text: String) -> Bool {
        guard text == text.lowercased(),
            let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) })
        else { return false }
        let rest = String(text.dropFirst(scheme.count))
        guard !rest.contains("*"), !rest.hasSuffix("]:"), !rest.hasSuffix(":") else { return false }
        let hasPort = rest.last != "]" && rest.contains(":")
        return NetworkAddress(hasPort ? rest : rest + ":1").map { $0.port > 0 } ?? false
    }
}
