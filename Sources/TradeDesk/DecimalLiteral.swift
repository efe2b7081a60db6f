// SPDX-License-Identifier: Apache-2.0
// The one grammar by which a number in an order is read.

/// A decimal number as RFC 8259 §6 writes it: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
///
/// Swift's own initialiser also takes `+5`, `nan`, `0x1p3`, `.5` and `007`; none of these is a number here.
public enum DecimalLiteral {
    /// Of the whole literal.
    public static let bytesMax = 40
    /// Greatest magnitude of an exponent.
    public static let exponentMax = 18

    public enum Fault: Error, Equatable {
        case malformed
        /// More than ``bytesMax`` bytes or an exponent beyond ``exponentMax``.
        case beyondRange
    }

    /// - Returns: a finite number.
    public static func value(of text: String) throws(Fault) -> Double {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.bytesMax else { throw .beyondRange }
        var index = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let whole = Self.digits(bytes, &index)
        guard whole == 1 || whole > 1 && bytes[index - whole] != UInt8(ascii: "0") else { throw .malformed }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard Self.digits(bytes, &index) > 0 else { throw .malformed }
        }
        var exponent = 0
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[index]) { index += 1 }
            let start = index
            guard Self.digits(bytes, &index) > 0 else { throw .malformed }
            exponent = bytes[start..<index].reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000) }
        }
        guard index == bytes.count else { throw .malformed }
        guard exponent <= Self.exponentMax else { throw .beyondRange }
        guard let value = Double(text), value.isFinite else { throw .malformed }
        return value
    }

    /// Steps over digits and counts them.
    private static func digits(_ bytes: [UInt8], _ index: inout Int) -> Int {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        return index - start
    }
}
