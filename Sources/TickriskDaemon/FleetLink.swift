// SPDX-License-Identifier: Apache-2.0
// What ties a unit to its fleet: how it numbers, whom it hears, and what it says of itself.

import Fleet
import FrameRelay
import Logging
import NIOCore
import Operations
import RiskFiles
import RiskKernel
import RiskStore
import ServiceLifecycle
import TradeStream

/// Ownership: callable from any thread.
struct FleetLink: Service {
    private static let hearingLimit = Duration.seconds(30)
    private static let look = Duration.milliseconds(20)

    let unit: FleetUnit
    let generation: Generation
    /// Of the fleet's frames, for ever.
    let epoch: UInt64
    /// Who has which partition.
    let directory: FleetDirectory
    private let node: String
    private let reader: NodesReader
    private let writer: NodesWriter

    /// Reads who was there before, and learns from the house which fleet this is.
    ///
    /// - Parameter configuration: the unit's.
    /// - Throws: where the store does not go on from what the partition's units have said.
    static func open(
        _ unit: FleetUnit, store: any StoredDesk, configuration: Configuration, logger: Logger
    ) async throws -> FleetLink {
        let settings = KafkaSettings(configuration.kafka)
        let directory = FleetDirectory()
        let reader = try NodesReader(settings: settings, directory: directory, logger: logger)
        reader.start()
        guard await reader.catchUp(within: Self.hearingLimit) else {
            throw FleetError.notHeard(topic: settings.nodesTopic)
        }
        let generation = Generation(store.generation)
        let own = unit.isHouse ? Self.epoch(of: store.identity) : nil
        try Self.check(unit, generation, epoch: own, directory, topic: settings.nodesTopic)
        let epoch: UInt64
        if let own { epoch = own } else { epoch = await Self.houseEpoch(directory, logger: logger) }
        return FleetLink(
            unit: unit, generation: generation, epoch: epoch, directory: directory,
            node: configuration.node.effectiveName, reader: reader,
            writer: try NodesWriter(settings: settings, logger: logger))
    }

    /// FNV-1a of a store's identity, below 2^63, so that it is a whole number everywhere.
    static func epoch(of identity: String) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in identity.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return digest & (1 << 63 - 1)
    }

    private static func check(
        _ unit: FleetUnit, _ generation: Generation, epoch: UInt64?, _ directory: FleetDirectory, topic: String
    ) throws {
        guard generation <= .max else { throw FleetError.tooManyGenerations(generation.number) }
        guard let said = directory.unit(partition: unit.partition) else { return }
        guard said.partitionCount == unit.share.count else {
            throw FleetError.otherCount(topic: topic, said: said.partitionCount, count: unit.share.count)
        }
        guard said.generation < generation.number else {
            throw FleetError.olderStore(
                topic: topic, partition: unit.partition, said: said.generation, generation: generation.number)
        }
        if let epoch, said.fleet != String(epoch) { throw FleetError.otherFleet(topic: topic) }
    }

    /// The house says which fleet it is; what it once said stays in the topic.
    private static func houseEpoch(_ directory: FleetDirectory, logger: Logger) async -> UInt64 {
        var hasSaid = false
        while true {
            if let said = directory.unit(partition: UnitAnnouncement.house).flatMap({ UInt64($0.fleet) }) {
                return said
            }
            if !hasSaid { logger.info("waiting until the house of the fleet is there for the first time") }
            hasSaid = true
            try? await Task.sleep(for: Self.look)
        }
    }

    /// From now on others know where this unit is.
    ///
    /// - Parameter api: where its port is.
    func announce(relay: RelayPublisher, api: SocketAddress, accountCount: Int) {
        let now = WallClock.nowNanoseconds
        self.writer.say(
            UnitAnnouncement(
                partition: self.unit.partition, partitionCount: self.unit.share.count,
                generation: self.generation.number, node: self.node, state: .serving, relay: relay.endpoint,
                snapshot: relay.snapshotEndpoint, api: "http://\(api.hostAndPort)", accountCount: accountCount,
                fleet: String(self.epoch), startedNanoseconds: now, sentNanoseconds: now))
    }

    /// For people.
    var text: String { "\(self.unit.partition) of \(self.unit.share.count), generation \(self.generation.number)" }

    func run() async throws {
        self.writer.start()
        try? await gracefulShutdown()
        self.writer.stop()
        self.reader.stop()
    }

    /// Others do without us where they do not hear us.
    func add(to readiness: inout Readiness) {
        if self.reader.brokersUp == 0 { readiness.add(.risk, .warns, "no broker of the topic of nodes answers") }
    }

    var families: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "tickrisk_unit_generation", "How often the partition's store was taken over, by partition.",
                [.init(["partition": "\(self.unit.partition)"], Double(self.generation.number))]),
            MetricFamily(
                .counter, "tickrisk_unit_announcements_failed_total", "Announcements no broker took.",
                Double(self.writer.failedCount)),
        ]
    }
}

/// Why a unit does not begin.
enum FleetError: Error, CustomStringConvertible {
    case notHeard(topic: String)
    case tooManyGenerations(Int64)
    case otherCount(topic: String, said: Int, count: Int)
    case olderStore(topic: String, partition: Int, said: Int64, generation: Int64)
    case otherFleet(topic: String)
    case foreignAccount(String, count: Int)

    var description: String {
        switch self {
        case .notHeard(let topic):
            "the topic \(topic) cannot be read; hint: it has to be made, with cleanup.policy=compact (docs/fleet.md)"
        case .tooManyGenerations(let number):
            "the store was opened \(number) times, more than there are numbers for"
        case .otherCount(let topic, let said, let count):
            "the accounts are spread over \(said) partitions, as \(topic) says, and the topic of fills has \(count) now"
        case .olderStore(let topic, let partition, let said, let generation):
            """
            \(topic) knows generation \(said) of partition \(partition), and this store is at \(generation): it is \
            not the one the partition was served from; hint: store.url or store.directory, or after a restore another \
            kafka.nodes_topic
            """
        case .foreignAccount(let account, let count):
            """
            the store has the account \(account), which does not belong into this of \(count) partitions: the topic of \
            fills had another number of them, or kafka.partitioner was another
            """
        case .otherFleet(let topic):
            "\(topic) is of another fleet; hint: another kafka.nodes_topic for another store of the house"
        }
    }
}
