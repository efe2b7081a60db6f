// SPDX-License-Identifier: Apache-2.0
// The one grammar of numbers in files: optional minus, digits, optional fraction, optional exponent.

/// Parses `-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`: no `+5`, `.5`, `5.`, `nan`, `inf`, hexadecimal or blanks.
enum DecimalNumber {
    static let bytesMax = 128
    private static let powersOfTen: [Double] = (0...22).map { Double("1e\($0)")! }

    /// The nearest double, or `nil` for another grammar, more than ``bytesMax`` bytes, or too large a number.
    static func parse(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard let parts = self.split(bytes) else { return nil }
        // Exact by Clinger's argument: mantissa and power are both exact doubles, so one rounding happens.
        if parts.digits <= 15, (-22...22).contains(parts.exponent) {
            let mantissa = Double(parts.mantissa)
            let power = self.powersOfTen[abs(parts.exponent)]
            let magnitude = parts.exponent < 0 ? mantissa / power : mantissa * power
            return parts.isNegative ? -magnitude : magnitude
        }
        guard let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }

    static func parse(_ text: String) -> Double? { self.parse(Array(text.utf8)[...]) }

    /// A whole number `-?[0-9]+` that fits, or `nil`.
    static func parseWhole(_ bytes: some Collection<UInt8>) -> Int? {
        var digits = bytes[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for byte in digits {
            guard let digit = self.digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return isNegative ? -value : value
    }

    private struct Parts {
        var isNegative = false
        /// Of the first 15 digits; meaningful when ``digits`` is at most 15.
        var mantissa = 0
        var digits = 0
        var exponent = 0
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> Parts? {
        guard bytes.count <= self.bytesMax else { return nil }
        var parts = Parts()
        var index = bytes.startIndex
        func takeDigits(_ body: (Int) -> Void) -> Bool {
            let start = index
            while index < bytes.endIndex, let digit = self.digit(bytes[index]) {
                body(digit)
                index += 1
            }
            return index > start
        }
        func takeMantissaDigit(_ digit: Int) {
            if parts.digits > 0 || digit > 0 { parts.digits += 1 }
            if parts.digits <= 15 { parts.mantissa = parts.mantissa * 10 + digit }
        }
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: "-") {
            parts.isNegative = true
            index += 1
        }
        guard takeDigits(takeMantissaDigit) else { return nil }
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: ".") {
            index += 1
            let fraction = takeDigits { digit in
                takeMantissaDigit(digit)
                parts.exponent -= 1
            }
            guard fraction else { return nil }
        }
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
            index += 1
            var sign = 1
            if index < bytes.endIndex, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
                sign = bytes[index] == UInt8(ascii: "-") ? -1 : 1
                index += 1
            }
            var exponent = 0
            guard takeDigits({ exponent = min(exponent * 10 + $0, 100_000) }) else { return nil }
            parts.exponent += sign * exponent
        }
        return index == bytes.endIndex ? parts : nil
    }
}
