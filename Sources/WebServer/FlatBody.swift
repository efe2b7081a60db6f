// SPDX-License-Identifier: Apache-2.0
// A request's body that is one JSON object of plain values, read key by key.

import HTTPTypes
import StrictJSON
import TradeDesk

/// `{"symbol":"AAPL","quantity":10}`: every key once and known, numbers kept letter for letter.
package enum FlatBody {
    /// Keys that are wrong, of which the answer speaks.
    private static let errorsMax = 32

    /// - Parameter set: takes a key's value; `false` for a key it does not know.
    /// - Throws: a ``ProblemResponse``: 400 for what is no JSON object, 422 with the keys that are unknown or there
    ///   twice.
    package static func read(_ bytes: [UInt8], into set: (String, RawField) -> Bool) throws {
        var seen: Set<String> = []
        var errors: [String: String] = [:]
        do throws(JSONScanner.Malformed) {
            try Self.members(bytes) { name, value in
                let isFirst = seen.insert(name).inserted
                guard errors.count < Self.errorsMax else { return }
                if !isFirst {
                    errors[Self.shown(name)] = "is there twice"
                } else if !set(name, value) {
                    errors[Self.shown(name)] = "is not known here"
                }
            }
        } catch {
            throw ProblemResponse(status: .badRequest, code: "malformed", detail: "the body must be one JSON object")
        }
        guard errors.isEmpty else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "the body has keys it may not have",
                errors: errors)
        }
    }

    private static func members(
        _ bytes: [UInt8], _ visit: (String, RawField) -> Void
    ) throws(JSONScanner.Malformed) {
        let result: Result<Void, JSONScanner.Malformed> = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONScanner.Malformed) in
                guard var scanner = JSONScanner(validating: bytes) else { throw JSONScanner.Malformed() }
                try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                    visit(name, try Self.field(&scanner))
                }
                try scanner.expectEnd()
            }
        }
        try result.get()
    }

    private static func field(_ scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> RawField {
        switch scanner.peek() {
        case UInt8(ascii: "\""): return .text(try scanner.stringIfPresent() ?? "")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try scanner.numberIfPresent() ?? "")
        default:
            try scanner.skipValue()
            return .other
        }
    }

    /// What a client called a key, short enough to say it back.
    private static func shown(_ name: String) -> String { String(name.prefix(64)) }
}
