// SPDX-License-Identifier: Apache-2.0
// The body that sets a watchlist.

import DeskService
import HTTPTypes
import RiskDomain
import StrictJSON

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
        let (given, fault) = try Self.read(bytes)
        guard let given else { throw Self.refusal(["symbols": fault ?? "is required"], [:]) }
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

    /// - Returns: no symbols, and why, where the one key is missing or wrong.
    private static func read(_ bytes: [UInt8]) throws -> (symbols: [String]?, fault: String?) {
        var symbols: [String]?
        var fault: String?
        let result: Result<Void, JSONScanner.Malformed> = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONScanner.Malformed) in
                guard var scanner = JSONScanner(validating: bytes) else { throw JSONScanner.Malformed() }
                try scanner.eachMember { scanner, name throws(JSONScanner.Malformed) in
                    if name != "symbols" || symbols != nil || fault != nil {
                        let isTwice = name == "symbols"
                        fault = fault ?? (isTwice ? "is there twice" : "is the one key; \(name.prefix(64)) is not")
                        symbols = nil
                        return try scanner.skipValue()
                    }
                    guard scanner.peek() == UInt8(ascii: "[") else {
                        fault = "must be a list of strings"
                        return try scanner.skipValue()
                    }
                    var list: [String] = []
                    try scanner.eachElement { scanner throws(JSONScanner.Malformed) in
                        guard let symbol = try scanner.stringIfPresent() else {
                            fault = "must be a list of strings"
                            return
                        }
                        if list.count <= WatchlistDesk.symbolsMax { list.append(symbol) }
                    }
                    symbols = fault == nil ? list : nil
                }
                try scanner.expectEnd()
            }
        }
        guard case .success = result else {
            throw ProblemResponse(
                status: .badRequest, code: "malformed", detail: #"the body must be like {"symbols":["AAPL"]}"#)
        }
        return (symbols, fault)
    }

    private static func refusal(_ errors: [String: String], _ suggestions: [String: [String]]) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "the list cannot be taken as it is",
            errors: errors, suggestions: suggestions)
    }
}
