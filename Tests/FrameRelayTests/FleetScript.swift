// SPDX-License-Identifier: Apache-2.0
// Units of a fleet as they are to a gateway: a hub each, with a relay on sockets of this process.

import DeskService
import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Logging
import NIOPosix
import Operations
import RiskStore
import Synchronization
import Testing
import TickFeed
import WebServer

/// A unit of one generation, which cuts what it is told.
final class ScriptedUnit {
    private static let layout = UpstreamScript.layout

    let announcement: UnitAnnouncement
    let hub: StreamHub
    let publisher: RelayPublisher
    private var sequences: [Int: UInt64] = [:]
    private var states: [Int: PastState] = [:]

    /// - Parameters:
    ///   - accounts: in the order of its own catalog.
    ///   - name: of its sockets.
    ///   - port: of its pages and API; one that nobody listens on where nobody asks.
    init(
        _ fleet: FleetRig, partition: Int, generation: Int64, accounts: [String], name: String, identity: String = "7",
        port: Int? = nil
    ) throws {
        self.announcement = UnitAnnouncement(
            partition: partition, partitionCount: FleetRig.partitionCount, generation: generation, node: name,
            state: .serving, relay: "inproc://\(name)-frames", snapshot: "inproc://\(name)-questions",
            api: "http://127.0.0.1:\(port ?? 8_000 + partition)", accountCount: accounts.count, fleet: identity,
            startedNanoseconds: 1, sentNanoseconds: 2)
        self.publisher = try RelayPublisher(
            context: fleet.context,
            settings: RelayOutSettings(
                endpoint: self.announcement.relay, snapshotEndpoint: self.announcement.snapshot, highWaterMark: 1_000,
                security: .none), logger: FleetRig.logger)
        let hello = RelayHello(
            epoch: 1, isSignInRequired: true,
            accounts: accounts.map { RelayHello.Account(id: $0, name: $0, currency: "USD") })
        // The run of a relay, which is another at every start.
        let run = fleet.nextRun()
        self.hub = try StreamHub(
            catalog: hello.catalog, settings: FleetRig.streaming, epoch: String(run),
            group: MultiThreadedEventLoopGroup.singleton, relay: self.publisher, logger: FleetRig.logger)
        let floor = Generation(generation).floor
        for channel in hello.catalog.names.indices {
            self.sequences[channel] = floor
            self.hub.skipEvents(to: floor, channel: channel)
        }
        self.publisher.follow(self.hub)
        self.publisher.start(identities: OneSession())
        fleet.keep(self.publisher, of: self.hub)
    }

    /// Publishes another state of a channel.
    ///
    /// - Returns: its sequence.
    @discardableResult
    func cut(_ name: String, to value: Double, sequence: UInt64? = nil) throws -> UInt64 {
        let channel = try #require(self.hub.catalog.index(of: name))
        let next = sequence ?? self.sequences[channel]! + 1
        self.sequences[channel] = next
        var state = self.states[channel]?.state ?? ChannelState(layout: Self.layout)
        state.numbers[0] = value
        self.hub.publish([
            ChannelCut(
                channel: channel, name: name, sequence: next, cutNanoseconds: 5, newestNanoseconds: nil,
                oldestNanoseconds: nil, state: state, past: self.states[channel].map { [$0] } ?? [],
                carriesChecksum: true, scenarioPnL: [])
        ])
        self.states[channel] = PastState(sequence: next, state: state)
        return next
    }

    func event(_ name: String) throws {
        let channel = try #require(self.hub.catalog.index(of: name))
        self.hub.publish(event: "order", data: Array(#"{"a":1}"#.utf8), channel: channel)
    }

    func stop() { self.publisher.stop() }
}

/// A gateway, and the directory that tells it of its units.
final class FleetRig: Sendable {
    static let partitionCount = 2
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let streaming = StreamSettings(
        maximumClients: 10, slowClientTimeoutNanoseconds: 1_000_000_000, frameNanosecondsMax: 1_000_000_000,
        allowedOrigins: [], zstdLevel: 1, deflateLevel: 1)
    static let secret = SharedSecret("correct horse battery staple")

    let context: ZMQContext
    let directory = FleetDirectory()
    let gateway: FleetHub
    private let runs = Mutex<UInt64>(1_000)
    private let units = Mutex<[(publisher: RelayPublisher, hub: StreamHub)]>([])

    init(secret: SharedSecret? = FleetRig.secret) throws {
        let context = try ZMQContext()
        self.context = context
        self.gateway = FleetHub(
            directory: self.directory,
            settings: FleetSettings(
                streaming: Self.streaming, isLoopback: true, hash: .crc32, secret: secret
            ) { said, scope, counters in
                RelayReceiver(
                    context: context,
                    settings: RelayInSettings(
                        endpoint: said.relay, snapshotEndpoint: said.snapshot, highWaterMark: 1_000,
                        silentAfterNanoseconds: 1_000_000_000, security: .none, scope: scope), counters: counters,
                    logger: Self.logger)
            }, group: MultiThreadedEventLoopGroup.singleton, logger: Self.logger)
        self.gateway.start()
    }

    /// The gateway, and every unit.
    func stop() {
        self.gateway.stop()
        for (publisher, _) in self.units.withLock({ $0 }) { publisher.stop() }
    }

    fileprivate func keep(_ publisher: RelayPublisher, of hub: StreamHub) {
        self.units.withLock { $0.append((publisher, hub)) }
    }

    func nextRun() -> UInt64 {
        self.runs.withLock { run in
            run += 1
            return run
        }
    }

    func announce(_ unit: ScriptedUnit, as state: UnitAnnouncement.State = .serving) {
        var said = unit.announcement
        said.state = state
        self.directory.take(said, nowNanoseconds: 1)
    }

    /// The house of the accounts A, D, B, F, announced, and what is served once it is heard.
    @discardableResult
    func house(
        _ name: String, generation: Int64 = 1, identity: String = "7", port: Int? = nil
    ) async throws -> ScriptedUnit {
        let house = try ScriptedUnit(
            self, partition: 0, generation: generation, accounts: ["A", "D", "B", "F"], name: name, identity: identity,
            port: port)
        self.announce(house)
        try await Self.wait("the house") { self.isUp(0, generation: generation) }
        return house
    }

    /// The unit of the accounts B and A.
    func unit(_ name: String, generation: Int64 = 1, port: Int? = nil) throws -> ScriptedUnit {
        try ScriptedUnit(self, partition: 1, generation: generation, accounts: ["B", "A"], name: name, port: port)
    }

    func isUp(_ partition: Int, generation: Int64) -> Bool {
        self.metric("tickrisk_relay_up", partition) == 1
            && self.metric("tickrisk_relay_generation", partition) == Double(generation)
    }

    func metric(_ name: String, _ partition: Int? = nil) -> Double? {
        self.gateway.families.first { $0.name == name }?.samples.first { sample in
            partition.map { number in sample.labels.contains { $0 == ("partition", "\(number)") } } ?? true
        }?.value
    }

    func channel(_ name: String) throws -> Int { try #require(self.gateway.hub?.catalog.index(of: name)) }

    func newest(_ name: String) -> UInt64? {
        guard let hub = self.gateway.hub, let channel = hub.catalog.index(of: name) else { return nil }
        return hub.newestCut(channel: channel)?.sequence
    }

    /// Whether heartbeats say that a client with the newest state has the newest.
    func isVouched(_ name: String) throws -> Bool {
        let hub = try #require(self.gateway.hub)
        return hub.isVouched(sequence: try #require(self.newest(name)), channel: try self.channel(name))
    }

    static func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try !condition() {
            guard ContinuousClock.now < end else {
                Issue.record("not within 20 s: \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
