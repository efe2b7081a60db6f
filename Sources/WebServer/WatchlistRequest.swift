// SPDX-License-Identifier: Apache-2.0
// The body that sets a watchlist.

import DeskService
import HTTPTypes
import RiskDomain

/// `{"symbols":["AAPL","MSFT"]}`, the whole list in its order.
package enum WatchlistRequest {
    private static let suggestionsMax = 3
    /// Wrong symbols of which the answer speaks.
    private static let errorsMax = 32

    /// - Throws: a ``ProblemResponse``: 400 for what is no JSON object, 422 with every symbol that is wrong and the
    ///   nearest there are.
    package static func symbols(
        _ bytes: [UInt8], directory: InstrumentDirectory, search: InstrumentSearch
    ) throws -> [String] {
        let given = try Self.list(bytes)
        guard given.count <= WatchlistDesk.symbolsMax else {
            throw Self.refusal(["symbols": "at most \(WatchlistDesk.symbolsMax)"], [:])
        }
        var errors: [String: String] = [:]
        var suggestions: [String: [String]] = [:]
        var seen: Set<String> = []
        for (place, symbol) in given.enumerated() where errors.count < Self.errorsMax {
            let field = "symbols.\(place)"
            if !seen.insert(symbol).inserted {
                errors[field] = "is there already"
            } else if directory.index(ofSymbol: symbol) == nil {
                let near = search.find(symbol, limit: Self.suggestionsMax).map { directory.instruments[$0].symbol }
                errors[field] = "no instrument is called \(symbol.prefix(32))"
                if !near.isEmpty { suggestions[field] = near }
            }
        }
        guard errors.isEmpty else { throw Self.refusal(errors, suggestions) }
        return given
    }

    private static func list(_ bytes: [UInt8]) throws -> [String] {
        let members = try RequestJSON.members(bytes, like: #"{"symbols":["AAPL"]}"#)
        if let name = members.keys.filter({ $0 != "symbols" }).min() {
            throw Self.refusal(["symbols": "is the one key; \(FieldText.shown(name)) is not"], [:])
        }
        guard let value = members["symbols"] else { throw Self.refusal(["symbols": "is required"], [:]) }
        guard case .array(let items) = value else {
            throw Self.refusal(["symbols": "must be a list of strings"], [:])
        }
        return try items.map { item in
            guard case .text(let symbol) = item else {
                throw Self.refusal(["symbols": "must be a list of strings"], [:])
            }
            return symbol
        }
    }

    private static func refusal(_ errors: [String: String], _ suggestions: [String: [String]]) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "the list cannot be taken as it is",
            errors: errors, suggestions: suggestions)
    }
}
