// SPDX-License-Identifier: Apache-2.0
// The conversation: when the gateway is found and lost, and that nothing is missed or counted twice.

import OrderGateway
import RiskDomain
import Testing
import TradeDesk

private let second: UInt64 = 1_000_000_000

private func moment(_ seconds: Double) -> GatewayMoment {
    GatewayMoment(monotonic: UInt64(seconds * 1e9), wall: 1_000 * second + UInt64(seconds * 1e9))
}

private func order(_ id: UInt64) -> VenueCommand {
    .new(orderID: id, OrderRequest(account: "A", symbol: "AAPL", side: .buy, quantity: 10))
}

struct GatewaySessionTests {
    /// A session that heard its gateway's first message.
    private func linked(queueMessagesMax: Int = 10) -> GatewaySession {
        var session = GatewaySession(
            settings: GatewaySettings(endpoint: "inproc://x", queueMessagesMax: queueMessagesMax))
        #expect(session.tick(at: moment(1)) == [.open])
        _ = session.sendAll()
        #expect(session.receive(GatewayLines.message("heartbeat"), at: moment(1)) == [.link(true)])
        return session
    }

    @Test func itBeatsUntilTheGatewayAnswers() throws {
        var session = GatewaySession(settings: GatewaySettings(endpoint: "inproc://x"))
        #expect(session.deadline == 0 && session.tick(at: moment(1)) == [.open] && !session.isUp)
        // One beat waits, however long there is nobody.
        for second in 2...9 { #expect(session.tick(at: moment(Double(second))).isEmpty) }
        let sent = session.sendAll()
        #expect(sent.count == 1)
        #expect(try GatewayLines.object(sent[0])["type"] as? String == "heartbeat")
        #expect(session.receive(GatewayLines.message("heartbeat", sequence: 5), at: moment(9)) == [.link(true)])
        #expect(session.isUp && session.deadline == UInt64(10 * 1e9))
    }

    @Test func reportsComeOnceAndUnderTheirNames() {
        var session = self.linked()
        let ack = GatewayLines.message("ack", sequence: 2, #""order_id":42"#)
        let report = VenueReport(
            id: "9-2", orderID: 42, timeNanoseconds: moment(2).wall, kind: .acknowledged)
        #expect(session.receive(ack, at: moment(2)) == [.report([report])])
        #expect(session.receive(ack, at: moment(2)).isEmpty)
        let fill = GatewayLines.message("fill", sequence: 3, #""order_id":42,"# + GatewayLines.fill())
        guard case .report(let reports) = session.receive(fill, at: moment(3)).first else {
            Issue.record("no report")
            return
        }
        #expect(reports.map(\.id) == ["fill:F1"])
        #expect(session.counts.outdated == 1 && session.counts.received == 3)
    }

    @Test(arguments: [
        ("silence", nil), ("gap", GatewayLines.message("ack", sequence: 3, #""order_id":42"#)),
        ("restart", GatewayLines.message("ack", session: 10, sequence: 1, #""order_id":42"#)),
    ])
    func aLossEndsTheConnectionAndDropsWhatWaits(name: String, message: String?) throws {
        var session = self.linked()
        #expect(session.take([order(1)], at: moment(2)).isEmpty)
        #expect(session.ask([1], token: 7, at: moment(2)).isEmpty)
        let lost: [GatewaySession.Action] = [.close, .link(false), .reconciled(token: 7, nil)]
        if let message {
            #expect(session.receive(message, at: moment(2)) == lost)
        } else {
            #expect(session.tick(at: moment(5.9)).isEmpty)
            #expect(session.tick(at: moment(6)) == lost)
        }
        #expect(session.nextOutgoing == nil && !session.isUp && session.counts.losses == 1)
        #expect(session.counts.missing == (name == "gap" ? 1 : 0))
        // What still comes on the way to the new connection means nothing.
        #expect(session.receive(GatewayLines.message("heartbeat", session: 11), at: moment(6)).isEmpty)
        let deadline = GatewayMoment(monotonic: session.deadline, wall: moment(7).wall)
        #expect(session.tick(at: deadline) == [.open])
        let beat = try GatewayLines.object(try #require(session.sendAll().first))
        #expect(beat["sequence"] as? UInt64 == 1 && beat["session"] as? UInt64 == moment(7).wall)
    }

    @Test func aNewSessionIsLaterThanTheLastWhateverTheClockSays() throws {
        var session = self.linked()
        _ = session.tick(at: moment(6))
        let steppedBack = GatewayMoment(monotonic: moment(7).monotonic, wall: 5)
        #expect(session.tick(at: steppedBack) == [.open])
        let beat = try GatewayLines.object(try #require(session.sendAll().first))
        #expect(beat["session"] as? UInt64 == moment(1).wall + 1)
    }

    @Test func withoutAGatewayNewOrdersAreRejectedAndTheRestIsAskedForLater() {
        var session = GatewaySession(settings: GatewaySettings(endpoint: "inproc://x"))
        let actions = session.take([order(1), .cancel(orderID: 2), order(3), .dayRoll], at: moment(1))
        guard case .report(let reports) = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(reports.map(\.orderID) == [1, 3] && Set(reports.map(\.id)).count == 2)
        #expect(reports.allSatisfy { $0.kind == .rejected(reason: "gateway_down") })
        #expect(session.ask([1], token: 1, at: moment(1)) == [.reconciled(token: 1, nil)])
    }

    @Test func whatFindsNoRoomIsRefused() {
        var session = self.linked(queueMessagesMax: 2)
        let commands = [
            order(1), order(2), order(3), .cancel(orderID: 1), .replace(orderID: 2, OrderChange(quantity: 1)),
        ]
        guard case .report(let reports) = session.take(commands, at: moment(2)).first else {
            Issue.record("nothing refused")
            return
        }
        #expect(reports.map(\.orderID) == [3, 1, 2])
        #expect(
            reports.map(\.kind) == [
                .rejected(reason: "gateway_busy"), .cancelRejected(reason: "gateway_busy"),
                .replaceRejected(reason: "gateway_busy"),
            ])
        #expect(session.counts.refused == 3 && session.sendAll().count == 2)
        #expect(session.take([order(3)], at: moment(2)).isEmpty)
    }

    @Test func questionsGoInPartsAndFillsComeBeforeTheAnswer() throws {
        var session = self.linked()
        let ids = Array(1...UInt64(GatewayMessage.statusOrdersMax + 1))
        #expect(session.ask(ids, token: 7, at: moment(2)).isEmpty)
        #expect(session.ask([1], token: 8, at: moment(2)).isEmpty)
        let first = try GatewayLines.object(try #require(session.sendAll().last))
        #expect((first["order_ids"] as? [UInt64])?.count == GatewayMessage.statusOrdersMax)
        let entry = #"{"order_id":1,"standing":"working","executed_quantity":3,"fills":[{\#(GatewayLines.fill())}]}"#
        let more = GatewayLines.message("status", sequence: 2, #""request_id":1,"orders":[\#(entry)],"more":true"#)
        guard case .report(let fills) = session.receive(more, at: moment(2)).first else {
            Issue.record("no fill")
            return
        }
        #expect(fills.map(\.id) == ["fill:F1"])
        // An order nobody asked about, and a question nobody asked.
        let foreign = GatewayLines.message(
            "status", sequence: 3,
            #""request_id":1,"orders":[{"order_id":501,"standing":"working","executed_quantity":0}]"#)
        #expect(session.receive(foreign, at: moment(2)).isEmpty)
        let unasked = GatewayLines.message("status", sequence: 4, #""request_id":9,"orders":[]"#)
        #expect(session.receive(unasked, at: moment(2)).isEmpty && session.counts.unexpected == 2)
        #expect(
            session.receive(
                GatewayLines.message("status", sequence: 5, #""request_id":1,"orders":[]"#), at: moment(2)
            ).isEmpty)
        let second = try GatewayLines.object(try #require(session.sendAll().last))
        #expect(second["order_ids"] as? [UInt64] == [501])
        let last = GatewayLines.message("status", sequence: 6, #""request_id":2,"orders":[]"#)
        #expect(
            session.receive(last, at: moment(2)) == [
                .reconciled(token: 7, [1: VenueTruth(.working, executedQuantity: 3)])
            ])
        #expect(try GatewayLines.object(try #require(session.sendAll().last))["order_ids"] as? [UInt64] == [1])
    }

    @Test func aQuestionWithoutAnswerEndsAndTheNextIsAsked() {
        var session = self.linked()
        _ = session.ask([1], token: 7, at: moment(2))
        _ = session.ask([2], token: 8, at: moment(4))
        for step in 1...9 {
            let beat = GatewayLines.message("heartbeat", sequence: UInt64(step + 1))
            #expect(session.receive(beat, at: moment(2 + Double(step))).isEmpty)
            #expect(session.tick(at: moment(2 + Double(step))).isEmpty)
        }
        _ = session.sendAll()
        #expect(session.tick(at: moment(12)) == [.reconciled(token: 7, nil)])
        #expect(session.sendAll().count >= 1)
        let answer = GatewayLines.message("status", sequence: 11, #""request_id":2,"orders":[]"#)
        #expect(session.receive(answer, at: moment(12)) == [.reconciled(token: 8, [:])])
    }

    @Test func hostileMessagesAreCountedAndShowAsAGap() {
        var session = self.linked()
        #expect(session.receive(#"{"order_id":1}"#, at: moment(2)).isEmpty && session.counts.malformed == 1)
        let next = GatewayLines.message("heartbeat", sequence: 3)
        #expect(session.receive(next, at: moment(2)) == [.close, .link(false)])
    }
}
