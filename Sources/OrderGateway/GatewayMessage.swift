// SPDX-License-Identifier: Apache-2.0
// What an external gateway says (docs/order-gateway.md).

import RiskDomain
import TradeDesk

/// One checked message of the gateway.
package struct GatewayMessage: Sendable, Equatable {
    package static let version: UInt64 = 1
    /// Orders in one question.
    package static let statusOrdersMax = 500
    /// Orders and fills in one message of an answer.
    package static let statusEntriesMax = 10_000
    /// Bytes of a name or reason.
    package static let textBytesMax = 64

    package enum Body: Sendable, Equatable {
        case heartbeat
        case report(orderID: UInt64, VenueReport.Kind)
        case status(StatusAnswer)
    }

    /// Nanoseconds since 1970 at which the sender's session began; a later session is a greater number.
    package var session: UInt64
    /// 1, 2, 3 … in a session.
    package var sequence: UInt64
    /// Unique for ever.
    package var id: String
    package var body: Body

    package init(session: UInt64, sequence: UInt64, id: String, body: Body) {
        self.session = session
        self.sequence = sequence
        self.id = id
        self.body = body
    }
}

/// A part of what the gateway knows of orders it was asked about.
package struct StatusAnswer: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var orderID: UInt64
        package var truth: VenueTruth
        package var fills: [VenueFill]
    }

    package var requestID: UInt64
    package var entries: [Entry]
    /// Whether further parts follow.
    package var hasMore: Bool
}

extension VenueFill {
    /// What the report of a fill is called, whichever way the fill is told.
    var reportID: String { "fill:" + self.id }
}
