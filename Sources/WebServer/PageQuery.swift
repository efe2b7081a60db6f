// SPDX-License-Identifier: Apache-2.0
// Where in a list to go on: `before` and `limit` of a request's query.

import HTTPTypes
import Hummingbird
import RiskStore

/// Whole numbers as they are written: digits only. Swift's own reading also takes `+5`.
package enum WholeNumber {
    package static func value(of text: some StringProtocol) -> UInt64? {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isPlain ? UInt64(text) : nil
    }
}

enum PageQuery {
    static func page(_ query: Parameters) throws -> PageRequest {
        let before = try self.number("before", in: query, range: 1...UInt64(Int64.max))
        let limit = try self.number("limit", in: query, range: 1...UInt64(PageRequest.limitMax))
        return PageRequest(before: before, limit: limit.map { Int($0) } ?? 100)
    }

    static func flag(_ name: String, in query: Parameters) throws -> Bool {
        switch query[name[...]] {
        case nil, "false": return false
        case "true": return true
        default: throw self.refusal(name, "true or false")
        }
    }

    private static func number(
        _ name: String, in query: Parameters, range: ClosedRange<UInt64>
    ) throws -> UInt64? {
        guard let text = query[name[...]] else { return nil }
        guard let number = WholeNumber.value(of: text), range.contains(number) else {
            throw self.refusal(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func refusal(_ field: String, _ fact: String) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "\(field): \(fact)", errors: [field: fact])
    }
}
