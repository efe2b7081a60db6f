// SPDX-License-Identifier: Apache-2.0
// A request's body as values, so that nothing is overlooked: names that come twice are refused.

import HTTPTypes
import StrictJSON

/// A value of a request's body. Pure.
package enum RequestJSON: Equatable, Sendable {
    case null
    case flag(Bool)
    /// Letter for letter.
    case number(String)
    case text(String)
    case array([RequestJSON])
    /// Each name once.
    case object([String: RequestJSON])

    package enum Fault: Error, Equatable, Sendable {
        /// Not JSON at all, or nested deeper than any body is.
        case malformed
        /// A name that came twice in one object.
        case repeated(String)
    }

    package static let depthMax = 16

    /// - Parameter depthMax: objects and lists within each other, at most.
    package init(_ bytes: [UInt8], depthMax: Int = Self.depthMax) throws(Fault) {
        var repeated: String?
        let result: Result<RequestJSON, JSONScanner.Malformed> = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONScanner.Malformed) in
                guard var scanner = JSONScanner(validating: bytes) else { throw JSONScanner.Malformed() }
                let value = try Self.value(&scanner, levels: depthMax, &repeated)
                try scanner.expectEnd()
                return value
            }
        }
        guard case .success(let value) = result else { throw .malformed }
        if let repeated { throw .repeated(repeated) }
        self = value
    }

    /// - Parameter levels: objects and lists that may still lie within each other.
    private static func value(
        _ scanner: inout JSONScanner, levels: Int, _ repeated: inout String?
    ) throws(JSONScanner.Malformed) -> RequestJSON {
        let first = scanner.peek()
        let isContainer = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        guard levels > 0 || !isContainer else { throw JSONScanner.Malformed() }
        switch first {
        case UInt8(ascii: "{"):
            var members: [String: RequestJSON] = [:]
            try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                let value = try Self.value(&scanner, levels: levels - 1, &repeated)
                if members.updateValue(value, forKey: name) != nil { repeated = repeated ?? name }
            }
            return .object(members)
        case UInt8(ascii: "["):
            var items: [RequestJSON] = []
            try scanner.eachElement { scanner throws(JSONScanner.Malformed) in
                items.append(try Self.value(&scanner, levels: levels - 1, &repeated))
            }
            return .array(items)
        default:
            if let text = try Self.string(&scanner, first) { return .text(text) }
            if let number = try scanner.numberIfPresent() { return .number(number) }
            // The scanner has checked the word and is behind it.
            return first == UInt8(ascii: "n") ? .null : .flag(first == UInt8(ascii: "t"))
        }
    }

    private static func string(_ scanner: inout JSONScanner, _ first: UInt8) throws(JSONScanner.Malformed) -> String? {
        first == UInt8(ascii: "\"") ? try scanner.stringIfPresent() : nil
    }
}

extension RequestJSON {
    /// The members of a body that is one object.
    ///
    /// - Parameters:
    ///   - example: shown where it is none.
    ///   - depthMax: as for the body's values.
    /// - Throws: a ``ProblemResponse``: 400 for what is no object, 422 with the name that came twice.
    static func members(
        _ bytes: [UInt8], like example: String, depthMax: Int = Self.depthMax
    ) throws(ProblemResponse) -> [String: RequestJSON] {
        do throws(Fault) {
            if case .object(let members) = try RequestJSON(bytes, depthMax: depthMax) { return members }
        } catch .repeated(let name) {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "1 field is wrong",
                errors: [FieldText.shown(name): "may come once"])
        } catch {}
        throw ProblemResponse(status: .badRequest, code: "malformed", detail: "the body must be like \(example)")
    }
}

/// Names of a client's own choosing, made fit for an answer.
enum FieldText {
    static func shown(_ name: String) -> String {
        name.utf8.count <= 64 ? name : String(decoding: name.utf8.prefix(64), as: UTF8.self)
    }
}
