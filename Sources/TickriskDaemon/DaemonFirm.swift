// SPDX-License-Identifier: Apache-2.0
// The firm of a fleet: in its house the sum of all units' parts, in every other unit one of them.

import Fleet
import FramePublisher
import FrameRelay
import Logging
import Operations
import RiskDomain
import RiskEngine
import RiskFiles
import RiskKernel
import ServiceLifecycle
import TickFeed
import TradeStream
import WebServer

/// What is between the publisher and whoever takes cuts, as far as it is about the firm.
struct DaemonFirm: Service {
    /// Takes the publisher's cuts.
    let sink: any CutSink
    /// In the house of a fleet.
    private let house: House?

    private struct House {
        let joiner: FirmJoiner
        let receiver: PartReceiver
        let directory: FleetDirectory
    }

    /// - Parameters:
    ///   - fleet: `nil` for a node that is alone: its firm is its own.
    ///   - sink: where cuts go that are what they say.
    init(
        _ fleet: FleetLink?, hub: StreamHub, sink: any CutSink, convention: RiskConvention,
        relay: Configuration.Relay, context: ZMQContext, logger: Logger
    ) throws {
        guard let fleet else {
            (self.sink, self.house) = (sink, nil)
            return
        }
        guard fleet.unit.isHouse else {
            (self.sink, self.house) = (PartTap(sink: sink, hub: hub), nil)
            return
        }
        let share = fleet.unit.share
        let joiner = FirmJoiner(
            accounts: hub.catalog.accounts.map { account in
                FirmAccount(
                    id: account.id, currency: account.currency,
                    partition: share.hash.partition(of: account.id, count: share.count))
            },
            partitionCount: share.count, house: share.partition, convention: convention,
            floor: fleet.generation.floor, sink: sink, logger: logger)
        let receiver = PartReceiver(
            context: context,
            settings: PartSettings(
                house: share.partition, partitionCount: share.count,
                highWaterMark: relay.highWaterMark, security: try relay.unitSecurity()),
            directory: fleet.directory, sink: joiner, logger: logger)
        self.sink = joiner
        self.house = House(joiner: joiner, receiver: receiver, directory: fleet.directory)
    }

    func run() async throws {
        self.house?.joiner.start()
        self.house?.receiver.start()
        try? await gracefulShutdown()
        self.house?.receiver.stop()
        self.house?.joiner.stop()
    }

    // MARK: What operators see

    var families: [MetricFamily] {
        guard let house else { return [] }
        return house.joiner.families + house.receiver.counters.families
    }

    func add(to readiness: inout Readiness) {
        guard let house else { return }
        for (partition, reason) in house.joiner.missing.sorted(by: { $0.key < $1.key }) {
            let node = house.directory.unit(partition: partition).map { ", last of \($0.node)" } ?? ""
            readiness.add(.risk, .warns, "the firm is without partition \(partition)\(node): \(reason)")
        }
    }
}

/// One part of the firm is on the hub, from which the house has it, and is not compared with the firm's limits.
private struct PartTap: CutSink {
    let sink: any CutSink
    let hub: StreamHub

    func publish(_ cuts: [ChannelCut]) {
        let parts = cuts.filter { $0.channel == ChannelCatalog.firm }
        if parts.isEmpty { return self.sink.publish(cuts) }
        self.hub.publish(parts)
        let others = cuts.filter { $0.channel != ChannelCatalog.firm }
        if !others.isEmpty { self.sink.publish(others) }
    }

    func isWanted(channel: Int) -> Bool { self.sink.isWanted(channel: channel) }
}

extension Daemon {
    func firm(
        _ fleet: FleetLink?, hub: StreamHub, past sink: any CutSink, context: ZMQContext
    ) throws -> DaemonFirm {
        try DaemonFirm(
            fleet, hub: hub, sink: sink, convention: self.inputs.convention, relay: self.configuration.relay,
            context: context, logger: self.logger)
    }

    /// In a fleet nobody has the firm's positions in one place: no report of it.
    func reportDesk(_ catalog: ChannelCatalog, tier: KernelTier, book: LiveBook) -> ReportDesk {
        ReportDesk(
            inputs: self.inputs, catalog: catalog, tier: tier, hasFirm: self.unit == nil,
            strategies: book.strategies(ofAccount:))
    }
}
