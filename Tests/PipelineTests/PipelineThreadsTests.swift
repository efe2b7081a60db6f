// SPDX-License-Identifier: Apache-2.0
// Feed, engine and publisher on their threads with a client's thread at the end: what the thread sanitizer looks at.

import FrameCodec
import FramePublisher
import Logging
import RiskDomain
import RiskEngine
import RiskKernel
import RiskSimulation
import Synchronization
import Testing
import TickFeed
import TickIngest

struct PipelineThreadsTests {
    private static let messages = 2_000
    private static let ticksPerMessage = 20
    /// Every so many messages one is left out.
    private static let gapEvery = 97

    /// Gets cuts on the publisher's thread; the test's thread waits for them, encodes and reads them.
    private final class Desk: CutSink {
        private let newest = Mutex<[Int: ChannelCut]>([:])
        private let parker = Parker()

        func publish(_ cuts: [ChannelCut]) {
            self.newest.withLock { newest in
                for cut in cuts { newest[cut.channel] = cut }
            }
            self.parker.wake()
        }

        func isWanted(channel: Int) -> Bool { true }

        func cut(of channel: Int) -> ChannelCut? { self.newest.withLock { $0[channel] } }

        func sleep(unless hasWork: () -> Bool) {
            self.parker.sleep(timeoutNanoseconds: 100_000_000, unless: hasWork)
        }
    }

    private let instruments = SyntheticInstruments.make(count: 12)

    private func inputs() -> RiskInputs {
        let symbols = self.instruments.map(\.symbol)
        let closes = symbols.map { ($0, [100.0, 101, 99, 102]) }
        return RiskInputs(
            instruments: self.instruments,
            accounts: ["A", "B"].map { Account(id: $0, name: $0, currency: "USD", cash: 0, marginLimit: 1e6) },
            positions: ["A", "B"].flatMap { account in
                symbols.map { Position(account: account, symbol: $0, quantity: 10, averageCost: 100) }
            },
            history: ClosingHistory(
                dates: ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"],
                closes: Dictionary(uniqueKeysWithValues: closes)),
            stressScenarios: [], convention: RiskConvention())
    }

    private static func price(_ message: Int, _ instrument: Int) -> Double { 100 + Double((message + instrument) % 50) }

    /// Sends all messages but those of the gaps; returns how many were left out.
    private func send(to endpoint: String, context: ZMQContext) throws -> Int {
        let publisher = try TickPublisher(
            context: context, endpoint: endpoint, attachment: .connect, pattern: .push)
        var encoder = TickEncoder(directory: InstrumentDirectory(self.instruments))
        var left = 0
        for message in 0..<Self.messages {
            if message % Self.gapEvery == Self.gapEvery - 1 {
                left += 1
                continue
            }
            let ticks = (0..<Self.ticksPerMessage).map { tick in
                let instrument = (message + tick) % self.instruments.count
                return Tick(
                    instrument: UInt32(instrument), fields: .last, last: Self.price(message, instrument))
            }
            let payload = encoder.encode(
                epoch: 1, sequence: UInt64(message), sentNanoseconds: WallClock.nowNanoseconds, ticks: ticks)
            #expect(try publisher.send(payload, blocking: true))
        }
        return left
    }

    /// Reads the market as a client would, until it shows the last message's prices; false when that takes too long.
    private func follow(_ desk: Desk) throws -> Bool {
        let expected = self.instruments.indices.map { Self.price(Self.messages - 1, $0) }
        let encoder = try FrameEncoder(zstdLevel: 1, deflateLevel: 1)
        let decoder = FrameDecoder()
        var held: ChannelCut?
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(60) {
            guard let cut = desk.cut(of: ChannelCatalog.market), cut.sequence != held?.sequence else {
                desk.sleep { desk.cut(of: ChannelCatalog.market)?.sequence != held?.sequence }
                continue
            }
            let base = held.flatMap { held in cut.state(at: held.sequence).map { (held.sequence, $0) } }
            let head = cut.head(base: base?.0)
            let frame =
                if let base {
                    try encoder.delta(
                        from: base.1, to: cut.state, head: head, includingChecksum: true, encoding: .zstd)
                } else {
                    try encoder.snapshot(of: cut.state, head: head, encoding: .zstd)
                }
            let shown = try decoder.decode(frame).state
            let column = try #require(shown.layout.column(named: "last", inTable: 0))
            let offset = shown.layout.numberOffset(table: 0, column: column)
            if Array(shown.numbers[offset..<offset + expected.count]) == expected { return true }
            held = cut
        }
        return false
    }

    @Test func whatIsSentLastIsShownLastAndEveryGapIsCounted() throws {
        let inputs = self.inputs()
        let ring = try #require(TickRing(capacity: 256))
        let book = try EngineBook(inputs: inputs, rings: [ring], tier: KernelTier(named: nil), shards: 3)
        let desk = Desk()
        let publisher = PublisherThread(book: book, catalog: ChannelCatalog(plan: book.plan), sink: desk)
        let parker = Parker()
        let roll = try #require(DayRoll(minutes: 0, zone: "UTC"))
        let engineThread = try EngineThread(engine: book.engine, dayRoll: roll, parker: parker) { publisher.wake() }
        let context = try ZMQContext()
        let feed = FeedThread(
            number: 0,
            settings: FeedSettings(
                name: "f", endpoint: "tcp://127.0.0.1:*", attachment: .bind, pattern: .pull, topic: "",
                silentAfterNanoseconds: 5_000_000_000, receiveHighWaterMark: 1_000),
            context: context, directory: inputs.directory, ring: ring, engineParker: parker,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        publisher.start()
        engineThread.start()
        try feed.start()
        let endpoint = try #require(feed.endpoint)
        let sent = Mutex<Result<Int, any Error>?>(nil)
        let sender = RoleThread(name: "sender")
        sender.start {
            let result = Result { try self.send(to: endpoint, context: context) }
            sent.withLock { $0 = result }
        }
        let isShown = try self.follow(desk)
        sender.join()
        feed.stop()
        engineThread.stop()
        publisher.stop()
        let left = try #require(try sent.withLock { try $0?.get() })
        #expect(isShown)
        #expect(feed.counters.messages.value == UInt64(Self.messages - left))
        #expect(feed.counters.missing.value == UInt64(left))
    }
}
