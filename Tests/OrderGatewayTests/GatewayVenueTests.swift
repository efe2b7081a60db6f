// SPDX-License-Identifier: Apache-2.0
// The venue over a real socket: orders out, reports in, a gateway that goes and comes back.

import Logging
import OrderGateway
import RiskDomain
import Synchronization
import Testing
import TickFeed
import TradeDesk

struct GatewayVenueTests {
    private enum Seen: Sendable, Equatable {
        case link(Bool)
        case report(UInt64, VenueReport.Kind)
    }

    private struct Rig {
        let venue: GatewayVenue
        var seen: AsyncStream<Seen>.Iterator

        init(endpoint: String) throws {
            let settings = GatewaySettings(
                endpoint: endpoint, heartbeatNanoseconds: 100_000_000, silentAfterNanoseconds: 60_000_000_000,
                reconnectNanoseconds: 1_000_000)
            self.venue = try GatewayVenue(
                settings: settings, context: ZMQContext(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let (stream, feed) = AsyncStream<Seen>.makeStream()
            self.seen = stream.makeAsyncIterator()
            self.venue.start(
                { for report in $0 { feed.yield(.report(report.orderID, report.kind)) } },
                onLink: { feed.yield(.link($0)) })
        }

        mutating func next() async -> Seen? {
            await self.seen.next()
        }
    }

    private static let request = OrderRequest(account: "A", symbol: "AAPL", side: .buy, quantity: 10)

    @Test(.timeLimit(.minutes(1))) func ordersGoOutAndReportsComeIn() async throws {
        let router = try TestRouter()
        var rig = try Rig(endpoint: router.endpoint)
        _ = try await router.next("heartbeat")
        router.say(GatewayLines.message("heartbeat"))
        #expect(await rig.next() == .link(true))
        rig.venue.send([.new(orderID: 42, Self.request), .cancel(orderID: 42)])
        let new = try await router.next("new")
        let cancel = try await router.next("cancel")
        #expect(new["order_id"] as? Int == 42 && cancel["order_id"] as? Int == 42)
        router.say(GatewayLines.message("ack", sequence: 2, #""order_id":42"#))
        router.say(GatewayLines.message("cancel_reject", sequence: 3, #""order_id":42,"reason":"too_late""#))
        #expect(await rig.next() == .report(42, .acknowledged))
        #expect(await rig.next() == .report(42, .cancelRejected(reason: "too_late")))
        #expect(rig.venue.isUp)
        await rig.venue.stop()
        #expect(!rig.venue.isUp)
    }

    @Test(.timeLimit(.minutes(1))) func aGatewayThatComesBackIsAskedAndItsFillsCount() async throws {
        var router = try TestRouter()
        let endpoint = router.endpoint
        var rig = try Rig(endpoint: endpoint)
        _ = try await router.next("heartbeat")
        router.say(GatewayLines.message("heartbeat"))
        #expect(await rig.next() == .link(true))
        rig.venue.send([.new(orderID: 42, Self.request)])
        _ = try await router.next("new")
        router.close()
        router = try TestRouter(endpoint)
        // A new session of the gateway shows that it was away.
        let before = try await router.next("heartbeat")["session"] as? Int
        router.say(GatewayLines.message("heartbeat", session: 10))
        #expect(await rig.next() == .link(false))
        // What still comes from the connection that was given up is not answered.
        while try await router.next("heartbeat")["session"] as? Int == before {}
        router.say(GatewayLines.message("heartbeat", session: 10, sequence: 2))
        #expect(await rig.next() == .link(true))
        let venue = rig.venue
        async let answer = venue.reconcile([42, 43])
        let question = try await router.next("status")
        #expect(question["order_ids"] as? [Int] == [42, 43])
        let known = #"{"order_id":42,"standing":"working","executed_quantity":3,"fills":[{\#(GatewayLines.fill())}]}"#
        let unheard = #"{"order_id":43,"standing":"unheard_of","executed_quantity":0}"#
        let request = try #require(question["request_id"] as? Int)
        router.say(
            GatewayLines.message(
                "status", session: 10, sequence: 3, #""request_id":\#(request),"orders":[\#(known),\#(unheard)]"#))
        let truths = await answer
        #expect(
            truths == [
                42: VenueTruth(.working, executedQuantity: 3), 43: VenueTruth(.unheardOf, executedQuantity: 0),
            ])
        let fill = VenueFill(id: "F1", orderID: 42, quantity: 3, price: 180.5, fees: -0.5, timeNanoseconds: 77)
        #expect(await rig.next() == .report(42, .filled(fill)))
        await rig.venue.stop()
    }

    @Test(.timeLimit(.minutes(1))) func stoppingEndsEveryQuestion() async throws {
        let router = try TestRouter()
        var rig = try Rig(endpoint: router.endpoint)
        #expect(await rig.venue.reconcile([1]) == nil)
        _ = try await router.next("heartbeat")
        router.say(GatewayLines.message("heartbeat"))
        #expect(await rig.next() == .link(true))
        let venue = rig.venue
        async let answer = venue.reconcile([1])
        _ = try await router.next("status")
        await rig.venue.stop()
        #expect(await answer == nil)
        #expect(await rig.venue.reconcile([1]) == nil)
    }

    @Test func anEndpointThatIsNoneIsTheCallersError() throws {
        #expect(throws: ZMQError.self) {
            try GatewayVenue(
                settings: GatewaySettings(endpoint: "nonsense"), context: ZMQContext(), logger: Logger(label: "test"))
        }
    }
}
