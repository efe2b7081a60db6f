// SPDX-License-Identifier: Apache-2.0
// Cuts pass the alert desk at once; what it finds is told in order, once.

import DeskService
import FrameCodec
import FramePublisher
import Logging
import RiskDomain
import RiskStore
import ServiceLifecycle
import Synchronization
import Testing
import TradeDesk

@Suite struct AlertDeskTests {
    /// Keeps what it is told.
    private final class Listener: CutSink, EventSink {
        let cuts = Mutex<[UInt64]>([])
        let events: AsyncStream<(String, Int)>
        private let continuation: AsyncStream<(String, Int)>.Continuation

        init() { (self.events, self.continuation) = AsyncStream.makeStream() }

        func publish(_ cuts: [ChannelCut]) { self.cuts.withLock { $0 += cuts.map(\.sequence) } }
        func isWanted(channel: Int) -> Bool { channel == 2 }
        func publish(event kind: String, data: [UInt8], channel: Int) {
            self.continuation.yield((String(decoding: data, as: UTF8.self), channel))
        }
    }

    private static let catalog = ChannelCatalog(
        plan: BookPlan(
            RiskInputs(
                instruments: [], accounts: [Account(id: "A", name: "A", currency: "USD", cash: 0, marginLimit: 1)],
                positions: [], history: ClosingHistory(dates: [], closes: [:]), stressScenarios: [],
                convention: RiskConvention())))

    private static func cut(_ sequence: UInt64, utilisation: Double) -> ChannelCut {
        let state = ChannelFiguresTests.state { $0.numbers[11] = utilisation }
        return ChannelCut(
            channel: 2, name: "account:A", sequence: sequence, cutNanoseconds: sequence * 1_000,
            newestNanoseconds: nil, oldestNanoseconds: nil, state: state, past: [], carriesChecksum: false,
            scenarioPnL: [])
    }

    @Test func alertsAreToldOnceAndInOrderWhileCutsPass() async throws {
        let listener = Listener()
        let desk = try await AlertDesk(
            catalog: Self.catalog, sink: listener, store: nil,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            })
        #expect(desk.isWanted(channel: 2) && !desk.isWanted(channel: 1))
        let running = Task { try await desk.run() }
        for (number, utilisation) in [70, 81, 85, .nan, 96, 97, 91, 74].enumerated() {
            desk.publish([Self.cut(UInt64(number + 1), utilisation: utilisation)])
        }
        var told: [String] = []
        for await (text, channel) in listener.events {
            #expect(channel == 2)
            told.append(text)
            if told.count == 4 { break }
        }
        #expect(listener.cuts.withLock { $0 } == [1, 2, 3, 4, 5, 6, 7, 8])
        let states = told.map { text in ["raised", "resolved"].first { text.contains(#""state":"\#($0)""#) } }
        let rules = told.map { text in ["margin_warn", "margin_critical"].first { text.contains(#""rule":"\#($0)""#) } }
        #expect(states == ["raised", "raised", "resolved", "resolved"])
        #expect(rules[0] == "margin_warn" && rules[1] == "margin_critical")
        #expect(told[0].contains(#""text":"margin utilisation is 81 %; the limit is 80 %","ts":2000,"#))
        #expect(desk.standing(account: "A").isEmpty)
        running.cancel()
    }

    @Test func acknowledgementsAreAnsweredAndTold() async throws {
        let listener = Listener()
        let desk = try await AlertDesk(
            catalog: Self.catalog, sink: listener, store: nil,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            })
        let running = Task { try await desk.run() }
        desk.publish([Self.cut(1, utilisation: 85)])
        let alert = try #require(desk.standing(account: "A").first)
        #expect(alert.state == .raised && desk.standing(account: nil).isEmpty)
        let record = try await desk.acknowledge(alert: alert.id, user: "risk")
        #expect(record.state == .acknowledged && record.acknowledgedBy == "risk")
        await #expect(throws: AlertRefusal.notRaised(alert.id)) {
            try await desk.acknowledge(alert: alert.id, user: "risk")
        }
        await #expect(throws: AlertRefusal.unknownAlert(99)) { try await desk.acknowledge(alert: 99, user: "risk") }
        #expect(desk.standing(account: "A").map(\.state) == [.acknowledged])
        running.cancel()
    }
}
