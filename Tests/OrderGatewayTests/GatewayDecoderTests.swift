// SPDX-License-Identifier: Apache-2.0
// The gateway's JSON: what it means, and all that is refused.

import OrderGateway
import RiskDomain
import Testing
import TradeDesk

struct GatewayDecoderTests {
    private func kind(_ type: String, _ members: String) -> VenueReport.Kind? {
        guard case .report(42, let kind) = GatewayLines.decoded(GatewayLines.message(type, members))?.body else {
            return nil
        }
        return kind
    }

    @Test func everyTypeIsRead() {
        #expect(GatewayLines.decoded(GatewayLines.message("heartbeat"))?.body == .heartbeat)
        let plain = #""order_id":42"#
        let reason = plain + #","reason":"no_margin""#
        #expect(self.kind("ack", plain) == .acknowledged)
        #expect(self.kind("triggered", plain) == .triggered)
        #expect(self.kind("replaced", plain) == .replaced)
        #expect(self.kind("expired", plain) == .expired)
        #expect(self.kind("cancelled", plain) == .cancelled(reason: nil))
        #expect(self.kind("cancelled", reason) == .cancelled(reason: "no_margin"))
        #expect(self.kind("reject", reason) == .rejected(reason: "no_margin"))
        #expect(self.kind("cancel_reject", reason) == .cancelRejected(reason: "no_margin"))
        #expect(self.kind("replace_reject", reason) == .replaceRejected(reason: "no_margin"))
        let fill = VenueFill(id: "F1", orderID: 42, quantity: -3, price: 180.5, fees: -0.5, timeNanoseconds: 77)
        #expect(self.kind("fill", plain + "," + GatewayLines.fill(side: "sell")) == .filled(fill))
    }

    @Test func headsAreExactIntegers() throws {
        let text = GatewayLines.message("heartbeat", session: 9_007_199_254_740_993, sequence: 1 << 62)
        let message = try #require(GatewayLines.decoded(text))
        #expect(message.session == 9_007_199_254_740_993 && message.sequence == 1 << 62)
        #expect(message.id == "9007199254740993-4611686018427387904")
    }

    @Test func aStatusTellsStandingsAndFills() throws {
        let order = #"{"order_id":1,"standing":"working","executed_quantity":3,"fills":[{\#(GatewayLines.fill())}]}"#
        let unheard = #"{"order_id":2,"standing":"unheard_of","executed_quantity":0}"#
        let text = GatewayLines.message("status", #""request_id":5,"orders":[\#(order),\#(unheard)],"more":true"#)
        guard case .status(let answer) = GatewayLines.decoded(text)?.body else {
            Issue.record("not read")
            return
        }
        #expect(answer.requestID == 5 && answer.hasMore && answer.entries.map(\.orderID) == [1, 2])
        #expect(answer.entries[0].truth == VenueTruth(.working, executedQuantity: 3))
        #expect(answer.entries[0].fills.map(\.quantity) == [3] && answer.entries[0].fills[0].orderID == 1)
        #expect(answer.entries[1].truth.standing == .unheardOf && answer.entries[1].fills.isEmpty)
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "{", #"{"protocol":1}"#,
        GatewayLines.message("heartbeat") + "x",
        GatewayLines.message("heartbeat", #""order_id":42"#),
        GatewayLines.message("heartbeat", #""extra":1"#),
        GatewayLines.message("heartbeat", #""type":"heartbeat""#),
        GatewayLines.message("quote"),
        GatewayLines.message("ack"),
        GatewayLines.message("ack", #""order_id":-1"#),
        GatewayLines.message("ack", #""order_id":1.0"#),
        GatewayLines.message("ack", #""order_id":"42""#),
        GatewayLines.message("ack", #""order_id":9223372036854775808"#),
        GatewayLines.message("ack", #""order_id":42,"reason":"none_here""#),
        GatewayLines.message("ack", #""order_id":42,"order_id":42"#),
        GatewayLines.message("reject", #""order_id":42"#),
        GatewayLines.message("reject", #""order_id":42,"reason":"""#),
        GatewayLines.message("reject", #""order_id":42,"reason":"two words""#),
        GatewayLines.message("reject", #""order_id":42,"reason":"\u0000""#),
        GatewayLines.message("reject", #""order_id":42,"reason":"\#(String(repeating: "a", count: 65))""#),
        GatewayLines.message("fill", #""order_id":42,"# + GatewayLines.fill(quantity: 0)),
        GatewayLines.message("fill", #""order_id":42,"# + GatewayLines.fill(quantity: -1)),
        GatewayLines.message("fill", #""order_id":42,"# + GatewayLines.fill(quantity: 1e13)),
        GatewayLines.message("fill", #""order_id":42,"# + GatewayLines.fill(side: "short")),
        GatewayLines.message("status", #""request_id":5"#),
        GatewayLines.message("status", #""request_id":5,"orders":[],"more":null"#),
        GatewayLines.message("status", #""request_id":5,"orders":[{"order_id":1}]"#),
        GatewayLines.message("status", #""request_id":5,"orders":[{"orders":[]}]"#),
        GatewayLines.message("status", #""request_id":5,"fills":[]"#),
        GatewayLines.message(
            "status", #""request_id":5,"orders":[{"order_id":1,"standing":"lost","executed_quantity":0}]"#),
        GatewayLines.message(
            "status", #""request_id":5,"orders":[{"order_id":1,"standing":"working","executed_quantity":1e999}]"#),
        GatewayLines.message("heartbeat", sequence: 0),
        GatewayLines.message("heartbeat", session: 0),
        GatewayLines.message("heartbeat").replacing(#""protocol":1"#, with: #""protocol":2"#),
    ])
    func whatIsNotOfTheContractIsRefused(text: String) {
        #expect(GatewayLines.decoded(text) == nil)
    }

    @Test func anAnswerOfTooManyPartsIsRefused() {
        let entry = #"{"order_id":1,"standing":"working","executed_quantity":0}"#
        for (count, isRead) in [(GatewayMessage.statusEntriesMax, true), (GatewayMessage.statusEntriesMax + 1, false)] {
            let orders = Array(repeating: entry, count: count).joined(separator: ",")
            let message = GatewayLines.decoded(GatewayLines.message("status", #""request_id":5,"orders":[\#(orders)]"#))
            #expect((message != nil) == isRead)
        }
    }

    @Test func whatTheDaemonSaysIsTheContract() throws {
        var encoder = GatewayEncoder(session: 7)
        let request = OrderRequest(
            account: "A", clientOrderID: "c-1", symbol: "AAPL", side: .sell, quantity: 2.5, type: .stopLimit,
            limitPrice: 179.5, stopPrice: 180, timeInForce: .gtc)
        let new = try GatewayLines.object(encoder.command(.new(orderID: 42, request)) ?? [])
        #expect(new["protocol"] as? Int == 1 && new["type"] as? String == "new" && new["session"] as? Int == 7)
        #expect(new["sequence"] as? Int == 1 && new["message_id"] as? String == "7-1" && new["order_id"] as? Int == 42)
        #expect(new["side"] as? String == "sell" && new["quantity"] as? Double == 2.5)
        #expect(new["order_type"] as? String == "stop_limit" && new["time_in_force"] as? String == "gtc")
        #expect(new["limit_price"] as? Double == 179.5 && new["stop_price"] as? Double == 180 && new.count == 15)
        let replace = try GatewayLines.object(
            encoder.command(.replace(orderID: 42, OrderChange(quantity: 4))) ?? [])
        #expect(replace["quantity"] as? Double == 4 && replace["sequence"] as? Int == 2 && replace.count == 7)
        #expect(encoder.command(.quote(VenueQuote(symbol: "AAPL"))) == nil)
        let status = try GatewayLines.object(encoder.status(requestID: 1, orderIDs: [3, 4]))
        #expect(status["order_ids"] as? [Int] == [3, 4] && status["sequence"] as? Int == 3)
    }
}
