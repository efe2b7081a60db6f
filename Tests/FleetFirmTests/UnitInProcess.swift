// SPDX-License-Identifier: Apache-2.0
// A unit of a fleet in this process: engine, publisher, hub and relay on their threads, of some accounts of a book.

import DeskService
import Fleet
import Foundation
import FramePublisher
import FrameRelay
import Logging
import NIOPosix
import RiskDomain
import RiskEngine
import RiskKernel
import TickFeed
import WebServer

private struct Nobody: IdentitySource {
    let isRequired = false
    func answer(_ question: IdentityQuestion, _ reply: @escaping @Sendable (Identity?) -> Void) { reply(nil) }
}

final class UnitInProcess: Sendable {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let partition: Int
    let generation: Int64
    let endpoint: String
    let hub: StreamHub
    private let relay: RelayPublisher
    private let ring: TickRing
    private let parker = Parker()
    private let publisher: PublisherThread
    private let engine: EngineThread

    /// - Parameters:
    ///   - inputs: with the unit's accounts alone.
    ///   - catalog: of more accounts, of which these are the first; `nil` for these.
    ///   - sink: what is between the publisher and the hub.
    init(
        _ inputs: RiskInputs, partition: Int, generation: Int64, folder: URL, context: ZMQContext,
        catalog: ChannelCatalog? = nil, sink: (StreamHub) -> any CutSink = { $0 }
    ) throws {
        self.partition = partition
        self.generation = generation
        let name = "\(folder.path)/\(partition)-\(generation)"
        self.endpoint = "ipc://\(name)-frames"
        self.relay = try RelayPublisher(
            context: context,
            settings: RelayOutSettings(
                endpoint: self.endpoint, snapshotEndpoint: "ipc://\(name)-questions", highWaterMark: 1_000,
                security: .none), logger: Self.logger)
        self.ring = TickRing(capacity: 1_024)!
        let book = try EngineBook(inputs: inputs, rings: [self.ring], tier: KernelTier(named: nil))
        let channels = catalog ?? ChannelCatalog(plan: book.plan)
        self.hub = try StreamHub(
            catalog: channels,
            settings: StreamSettings(
                maximumClients: 1, slowClientTimeoutNanoseconds: 1_000_000_000, frameNanosecondsMax: 1_000_000_000,
                allowedOrigins: [], zstdLevel: 1, deflateLevel: 1),
            epoch: "\(1_000 * (partition + 1) + Int(generation))", group: MultiThreadedEventLoopGroup.singleton,
            relay: self.relay, logger: Self.logger)
        let publisher = PublisherThread(book: book, catalog: channels, sink: sink(self.hub))
        self.publisher = publisher
        self.engine = try EngineThread(
            engine: book.engine, dayRoll: DayRoll(minutes: 0, zone: "UTC")!, parker: self.parker
        ) { publisher.wake() }
        self.relay.follow(self.hub)
        self.relay.start(identities: Nobody())
        self.publisher.start()
        self.engine.start()
    }

    func push(_ ticks: [Tick]) {
        let now = WallClock.nowNanoseconds
        _ = ticks.withUnsafeBufferPointer {
            self.ring.push($0, oldestNanoseconds: now, newestNanoseconds: now)
        }
        self.parker.wake()
    }

    func stop() {
        self.engine.stop()
        self.publisher.stop()
        self.relay.stop()
    }

    /// What it says of itself on the topic of nodes.
    func announcement(of partitionCount: Int, state: UnitAnnouncement.State = .serving) -> UnitAnnouncement {
        UnitAnnouncement(
            partition: self.partition, partitionCount: partitionCount, generation: self.generation, node: "here",
            state: state, relay: self.endpoint, snapshot: "", api: "", accountCount: 0, fleet: "f",
            startedNanoseconds: 1, sentNanoseconds: 2)
    }
}
