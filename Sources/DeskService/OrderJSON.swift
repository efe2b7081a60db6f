// SPDX-License-Identifier: Apache-2.0
// Orders, fills and kill switches as JSON, the same over HTTP and in events.

import FrameCodec
import RiskDomain

extension Order {
    public func write(to json: inout JSONWriter) {
        let request = self.request
        json.beginObject()
        json.member("order_id", self.id)
        if let name = request.clientOrderID { json.member("client_order_id", name) }
        json.member("account", request.account)
        json.member("symbol", request.symbol)
        json.member("side", request.side.rawValue)
        json.member("quantity", request.quantity)
        json.member("order_type", request.type.rawValue)
        if let price = request.limitPrice { json.member("limit_price", price) }
        if let price = request.stopPrice { json.member("stop_price", price) }
        json.member("time_in_force", request.timeInForce.rawValue)
        json.member("status", self.status.rawValue)
        json.member("filled_quantity", self.filledQuantity)
        json.member("remaining_quantity", self.remainingQuantity)
        if let price = self.averageFillPrice { json.member("average_fill_price", price) }
        if let reason { json.member("reason", reason) }
        json.member("user", self.user)
        json.member("created_ns", self.createdNanoseconds)
        json.member("updated_ns", self.updatedNanoseconds)
        json.endObject()
    }
}

extension Fill {
    /// The quantity is above 0, its sign is the side.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("fill_id", self.id)
        if let orderID { json.member("order_id", orderID) }
        json.member("account", self.account)
        json.member("symbol", self.symbol)
        json.member("side", (self.quantity < 0 ? OrderSide.sell : .buy).rawValue)
        json.member("quantity", self.quantity.magnitude)
        json.member("price", self.price)
        json.member("rate", self.rate)
        json.member("fees", self.fees)
        json.member("ts", self.timeNanoseconds)
        if let reverses { json.member("reverses", reverses) }
        json.endObject()
    }
}

extension KillSwitch {
    /// One that was never set has no user, reason and time.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        if let account { json.member("account", account) }
        json.member("state", self.state.rawValue)
        if self.timeNanoseconds > 0 {
            json.member("reason", self.reason)
            json.member("user", self.user)
            json.member("updated_ns", self.timeNanoseconds)
        }
        json.endObject()
    }
}
