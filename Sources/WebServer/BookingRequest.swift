// SPDX-License-Identifier: Apache-2.0
// The bodies of what is booked by hand: adjustments, cash, busts.

import HTTPTypes
import TradeDesk

/// Named texts and numbers of a flat body; everything that is wrong is said at once.
package struct BookingRequest {
    package static let textBytesMax = 500
    /// Of a quantity, a price or an amount.
    private static let magnitudeMax = 1e12

    private var texts: [String: String] = [:]
    private var numbers: [String: Double] = [:]

    /// - Parameters:
    ///   - texts: keys that must be there with 1 to ``textBytesMax`` bytes.
    ///   - numbers: keys that must be there with a decimal number other than 0.
    package init(_ bytes: [UInt8], texts: [String], numbers: [String]) throws {
        var fields: [String: RawField] = [:]
        let known = Set(texts + numbers)
        let example = (numbers.map { "\"\($0)\":1" } + texts.map { "\"\($0)\":\"…\"" }).joined(separator: ",")
        try FlatBody.read(bytes, like: "{\(example)}") { name, value in
            fields[name] = value
            return known.contains(name)
        }
        var errors: [String: String] = [:]
        for name in texts {
            guard case .text(let text) = fields[name] ?? .absent, (1...Self.textBytesMax).contains(text.utf8.count),
                !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else {
                errors[name] = "is required: 1 to \(Self.textBytesMax) bytes of text without control characters"
                continue
            }
            self.texts[name] = text
        }
        for name in numbers {
            guard case .number(let literal) = fields[name] ?? .absent,
                let number = try? DecimalLiteral.value(of: literal), number != 0, number.magnitude <= Self.magnitudeMax
            else {
                errors[name] = "is required: a decimal number other than 0, at most 1e12 either way"
                continue
            }
            self.numbers[name] = number
        }
        guard errors.isEmpty else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "it cannot be booked as it is",
                errors: errors)
        }
    }

    /// - Precondition: asked for at the start.
    package func text(_ name: String) -> String { self.texts[name]! }

    /// - Precondition: asked for at the start.
    package func number(_ name: String) -> Double { self.numbers[name]! }
}
