// SPDX-License-Identifier: Apache-2.0
// The body of a what-if question.

import Foundation
import HTTPTypes
import RiskDomain
import RiskReport

/// `{"trades":[{"symbol":"AAPL","quantity":-100,"price":180}]}`; the price is optional.
package enum WhatIfRequest {
    package static let tradesMax = 100

    private struct Body: Decodable {
        struct Trade: Decodable {
            let symbol: String
            let quantity: Double
            let price: Double?
        }
        let trades: [Trade]
    }

    /// - Throws: a ``ProblemResponse`` that names what is wrong.
    package static func trades(_ bytes: [UInt8], directory: InstrumentDirectory) throws -> [HypotheticalTrade] {
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(bytes))
        } catch {
            throw ProblemResponse(
                status: .badRequest, code: "malformed",
                detail: #"the body must be like {"trades":[{"symbol":"AAPL","quantity":-100}]}"#)
        }
        guard (1...Self.tradesMax).contains(body.trades.count) else {
            throw Self.refusal("trades", "1 to \(Self.tradesMax) trades are taken")
        }
        return try body.trades.enumerated().map { number, trade in
            guard let instrument = directory.index(ofSymbol: trade.symbol) else {
                throw Self.refusal("trades.\(number).symbol", "no such instrument: \(trade.symbol)")
            }
            guard trade.quantity.isFinite, trade.quantity != 0, trade.quantity.magnitude <= 1e12 else {
                throw Self.refusal("trades.\(number).quantity", "a number other than 0, at most 1e12 either way")
            }
            let isNegativeAllowed = directory.instruments[instrument].allowsNegativePrices
            if let price = trade.price {
                guard price.isFinite, price.magnitude <= Tick.priceLimit, price > 0 || isNegativeAllowed else {
                    throw Self.refusal("trades.\(number).price", "above 0, at most 1e12")
                }
            }
            return HypotheticalTrade(instrument: instrument, quantity: trade.quantity, price: trade.price)
        }
    }

    private static func refusal(_ field: String, _ fact: String) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "\(field): \(fact)", errors: [field: fact])
    }
}
