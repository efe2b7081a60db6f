// SPDX-License-Identifier: Apache-2.0
// What is wrong with one field of a request, for programs and for people.

/// A value as it was sent, before anybody has read a meaning into it.
public enum RawField: Sendable, Equatable {
    case absent
    /// A string, its escapes resolved.
    case text(String)
    /// A number, letter for letter.
    case number(String)
    /// `null`, `true`, `false`, an array or an object.
    case other
}

/// Codes are stable; the detail is for people and may change.
public struct FieldError: Error, Sendable, Equatable, Codable {
    public enum Code: String, Sendable, CaseIterable, Codable {
        case required
        /// A string where a number belongs, or the reverse, or neither.
        case wrongType = "wrong_type"
        case malformedNumber = "malformed_number"
        /// Beyond what is read as a number at all, or beyond the range of prices.
        case beyondRange = "beyond_range"
        case notPositive = "not_positive"
        case aboveMaximum = "above_maximum"
        case offLot = "off_lot"
        case offTick = "off_tick"
        case unknownSymbol = "unknown_symbol"
        /// None of the words that may stand here.
        case unknownValue = "unknown_value"
        /// A price on an order of a type that has none.
        case notAllowed = "not_allowed"
        case badLength = "bad_length"
        case badCharacter = "bad_character"
    }

    /// As it is called on the wire, `limit_price`.
    public var field: String
    public var code: Code
    public var detail: String

    public init(field: String, code: Code, detail: String) {
        self.field = field
        self.code = code
        self.detail = detail
    }
}

/// Everything that is wrong with a request: at least one error, at most one a field, in the order of the fields.
public struct FormRefusal: Error, Sendable, Equatable {
    public var errors: [FieldError]

    public init(errors: [FieldError]) {
        self.errors = errors
    }
}
