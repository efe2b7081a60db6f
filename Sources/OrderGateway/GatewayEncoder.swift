// SPDX-License-Identifier: Apache-2.0
// What the daemon says to an external gateway (docs/order-gateway.md).

import FrameCodec
import RiskDomain
import TradeDesk

package struct GatewayEncoder: Sendable {
    package let session: UInt64
    private var sequence: UInt64 = 0

    /// - Parameter session: greater than that of every encoder before.
    package init(session: UInt64) { self.session = session }

    package mutating func heartbeat() -> [UInt8] { self.message("heartbeat") { _ in } }

    /// - Parameter orderIDs: at most ``GatewayMessage/statusOrdersMax``.
    package mutating func status(requestID: UInt64, orderIDs: [UInt64]) -> [UInt8] {
        self.message("status") { json in
            json.member("request_id", requestID)
            json.key("order_ids")
            json.beginArray()
            for id in orderIDs { json.value(id) }
            json.endArray()
        }
    }

    /// `nil` for what gateways are not told: they have a market of their own.
    package mutating func command(_ command: VenueCommand) -> [UInt8]? {
        switch command {
        case .new(let id, let request):
            return self.message("new") { json in
                json.member("order_id", id)
                json.member("account", request.account)
                if let name = request.clientOrderID { json.member("client_order_id", name) }
                json.member("symbol", request.symbol)
                json.member("side", request.side.rawValue)
                json.member("quantity", request.quantity)
                json.member("order_type", request.type.rawValue)
                if let price = request.limitPrice { json.member("limit_price", price) }
                if let price = request.stopPrice { json.member("stop_price", price) }
                json.member("time_in_force", request.timeInForce.rawValue)
            }
        case .cancel(let id): return self.message("cancel") { $0.member("order_id", id) }
        case .replace(let id, let change):
            return self.message("replace") { json in
                json.member("order_id", id)
                if let quantity = change.quantity { json.member("quantity", quantity) }
                if let price = change.limitPrice { json.member("limit_price", price) }
                if let price = change.stopPrice { json.member("stop_price", price) }
            }
        case .dayRoll: return self.message("day_roll") { _ in }
        case .quote: return nil
        }
    }

    private mutating func message(_ type: String, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        self.sequence += 1
        var json = JSONWriter(reservingBytes: 256)
        json.beginObject()
        json.member("protocol", GatewayMessage.version)
        json.member("type", type)
        json.member("session", self.session)
        json.member("sequence", self.sequence)
        json.member("message_id", "\(self.session)-\(self.sequence)")
        body(&json)
        json.endObject()
        return json.bytes
    }
}
