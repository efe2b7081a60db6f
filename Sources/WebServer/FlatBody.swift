// SPDX-License-Identifier: Apache-2.0
// A request's body that is one JSON object of plain values, read key by key.

import HTTPTypes
import TradeDesk

/// `{"symbol":"AAPL","quantity":10}`: every key once and known, numbers kept letter for letter.
package enum FlatBody {
    /// Keys that are wrong, of which the answer speaks.
    private static let errorsMax = 32

    /// - Parameters:
    ///   - example: shown where the body is no object.
    ///   - set: takes a key's value; `false` for a key it does not know.
    /// - Throws: a ``ProblemResponse``: 400 for what is no JSON object, 422 with the keys that are unknown or come
    ///   twice.
    package static func read(_ bytes: [UInt8], like example: String, into set: (String, RawField) -> Bool) throws {
        var errors: [String: String] = [:]
        for (name, value) in try RequestJSON.members(bytes, like: example) where !set(name, RawField(value)) {
            if errors.count < Self.errorsMax { errors[FieldText.shown(name)] = "is not known here" }
        }
        guard errors.isEmpty else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "the body has keys it may not have",
                errors: errors)
        }
    }
}

extension RawField {
    fileprivate init(_ value: RequestJSON) {
        switch value {
        case .text(let text): self = .text(text)
        case .number(let literal): self = .number(literal)
        case .null, .flag, .array, .object: self = .other
        }
    }
}
