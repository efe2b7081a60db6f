// SPDX-License-Identifier: Apache-2.0
// How numbers and strings look in JSON.

import Glibc  // links libm, which rounding calls on processors without an instruction for it

extension JSONWriter {
    /// The shortest decimal that reads back as the same double, without `.0` and without a minus before zero.
    mutating func number(_ number: Double) {
        if number.isNaN {
            self.append(contentsOf: "null".utf8)
        } else if number.isInfinite {
            self.number(number < 0 ? -Double.greatestFiniteMagnitude : Double.greatestFiniteMagnitude)
        } else if !self.fixedPoint(number) {
            let text = number.description
            self.append(contentsOf: text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...])
        }
    }

    /// Writes a number of at most fifteen digits, at most four of them decimals, without going through a string;
    /// false for any other.
    ///
    /// No two decimals of fifteen digits are the same double, so the one found here is the shortest there is.
    private mutating func fixedPoint(_ number: Double) -> Bool {
        let magnitude = number.magnitude
        let scaled = (magnitude * 1e4).rounded()
        guard scaled < 1e15, scaled / 1e4 == magnitude else { return false }
        let tenThousandths = UInt64(scaled)
        if number < 0 { self.append(byte: UInt8(ascii: "-")) }
        self.digits(tenThousandths / 10_000)
        var fraction = tenThousandths % 10_000
        if fraction == 0 { return true }
        self.append(byte: UInt8(ascii: "."))
        var place: UInt64 = 1_000
        while fraction > 0 {
            self.append(byte: UInt8(ascii: "0") + UInt8(fraction / place))
            fraction %= place
            place /= 10
        }
        return true
    }

    mutating func digits(_ number: UInt64) {
        var place: UInt64 = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            self.append(byte: UInt8(ascii: "0") + UInt8(number / place % 10))
            place /= 10
        }
    }

    mutating func quote(_ text: String) {
        self.append(byte: UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            if !bytes.contains(where: Self.needsEscape) {
                self.append(contentsOf: bytes)
                return
            }
            for byte in bytes {
                if Self.needsEscape(byte) { self.escape(byte) } else { self.append(byte: byte) }
            }
        }
        self.append(byte: UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        self.append(byte: UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: self.append(byte: UInt8(ascii: "n"))
        case 0x0D: self.append(byte: UInt8(ascii: "r"))
        case 0x09: self.append(byte: UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.append(byte: byte)
        default:
            let digits = Array("0123456789abcdef".utf8)
            self.append(contentsOf: "u00".utf8)
            self.append(byte: digits[Int(byte >> 4)])
            self.append(byte: digits[Int(byte & 15)])
        }
    }
}
