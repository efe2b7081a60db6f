// SPDX-License-Identifier: Apache-2.0
// From bytes nobody vouches for to a message of the gateway.

import RiskDomain
import StrictJSON
import TickFeed
import TradeDesk

package enum GatewayDecoder {
    private typealias Malformed = JSONScanner.Malformed

    private static let head: Set<String> = ["protocol", "type", "session", "sequence", "message_id"]
    private static let fill: Set<String> = ["fill_id", "side", "quantity", "price", "fees", "time_ns"]

    /// `nil` for what the contract does not know: not JSON, a member twice, unknown, missing or of another type,
    /// another version, a number that is not finite.
    package static func message(_ bytes: UnsafeRawBufferPointer) -> GatewayMessage? {
        guard bytes.count <= TickWire.messageBytesMax, var scanner = JSONScanner(validating: bytes) else { return nil }
        return try? Self.message(&scanner)
    }

    private static func message(_ scanner: inout JSONScanner) throws(JSONScanner.Malformed) -> GatewayMessage {
        var budget = GatewayMessage.statusEntriesMax
        let fields = try GatewayFields(&scanner, budget: &budget)
        try scanner.expectEnd()
        guard try fields.whole("protocol") == GatewayMessage.version else { throw Malformed() }
        let session = try fields.whole("session")
        let sequence = try fields.whole("sequence")
        guard session >= 1, sequence >= 1 else { throw Malformed() }
        return GatewayMessage(
            session: session, sequence: sequence, id: try fields.text("message_id"), body: try Self.body(of: fields))
    }

    private static func body(of fields: GatewayFields) throws(JSONScanner.Malformed) -> GatewayMessage.Body {
        switch try fields.text("type") {
        case "heartbeat":
            try fields.require(Self.head)
            return .heartbeat
        case "status":
            try fields.require(Self.head.union(["request_id", "orders"]), optional: ["more"])
            var entries: [StatusAnswer.Entry] = []
            for order in fields.orders { entries.append(try Self.entry(of: order)) }
            return .status(
                StatusAnswer(
                    requestID: try fields.whole("request_id"), entries: entries, hasMore: fields.hasMore))
        case let type:
            let orderID = try fields.whole("order_id")
            return .report(orderID: orderID, try Self.kind(type, fields, orderID: orderID))
        }
    }

    private static func kind(
        _ type: String, _ fields: GatewayFields, orderID: UInt64
    ) throws(JSONScanner.Malformed) -> VenueReport.Kind {
        let plain = Self.head.union(["order_id"])
        switch type {
        case "ack", "triggered", "replaced", "expired": try fields.require(plain)
        case "reject", "cancel_reject", "replace_reject": try fields.require(plain.union(["reason"]))
        case "cancelled": try fields.require(plain, optional: ["reason"])
        case "fill": try fields.require(plain.union(Self.fill))
        default: throw Malformed()
        }
        switch type {
        case "ack": return .acknowledged
        case "triggered": return .triggered
        case "replaced": return .replaced
        case "expired": return .expired
        case "reject": return .rejected(reason: try fields.text("reason"))
        case "cancel_reject": return .cancelRejected(reason: try fields.text("reason"))
        case "replace_reject": return .replaceRejected(reason: try fields.text("reason"))
        case "cancelled": return .cancelled(reason: fields.optionalText("reason"))
        default: return .filled(try Self.fill(of: fields, orderID: orderID))
        }
    }

    private static func entry(of fields: GatewayFields) throws(JSONScanner.Malformed) -> StatusAnswer.Entry {
        try fields.require(["order_id", "standing", "executed_quantity"], optional: ["fills"])
        let orderID = try fields.whole("order_id")
        let executed = try fields.number("executed_quantity")
        guard let standing = VenueTruth.Standing(rawValue: try fields.text("standing")), executed >= 0 else {
            throw Malformed()
        }
        var fills: [VenueFill] = []
        for fill in fields.fills {
            try fill.require(Self.fill)
            fills.append(try Self.fill(of: fill, orderID: orderID))
        }
        return StatusAnswer.Entry(
            orderID: orderID, truth: VenueTruth(standing, executedQuantity: executed), fills: fills)
    }

    private static func fill(
        of fields: GatewayFields, orderID: UInt64
    ) throws(JSONScanner.Malformed) -> VenueFill {
        let quantity = try fields.number("quantity")
        let fees = try fields.number("fees")
        guard let side = OrderSide(rawValue: try fields.text("side")), quantity > 0, fees <= 0 else {
            throw Malformed()
        }
        return VenueFill(
            id: try fields.text("fill_id"), orderID: orderID, quantity: side.sign * quantity,
            price: try fields.number("price"), fees: fees, timeNanoseconds: try fields.whole("time_ns"))
    }
}
