// SPDX-License-Identifier: Apache-2.0
// The wiring of an engine of a fleet: the group says which partitions it has, and each gets a process of its own.

import Fleet
import Glibc
import Logging
import NIOCore
import NIOPosix
import Operations
import RiskFiles
import RiskKernel
import ServiceLifecycle
import TradeStream
import UnixSignals
import WebServer

/// `tickriskd` of `node.role: engine`: no book of its own, units that have one.
public struct EngineNode: Sendable {
    /// Units have five seconds, then the group is left.
    private static let shutdownLimit = Duration.seconds(9)
    /// Where systemd asks for no signs of life itself.
    private static let watchdogNanoseconds: UInt64 = 10_000_000_000

    private let configuration: Configuration
    private let manager: SystemdLink
    private let log: DaemonLog
    private var logger: Logger { self.log.logger }

    public init(configuration: Configuration, manager: SystemdLink, log: DaemonLog) {
        self.configuration = configuration
        self.manager = manager
        self.log = log
    }

    /// Runs until SIGTERM or SIGINT.
    public func run() async throws {
        let http = self.configuration.http
        let listener = try PortListener(http, manager: self.manager)
        let group = MultiThreadedEventLoopGroup.singleton
        let settings = KafkaSettings(self.configuration.kafka)
        guard let topic = settings.fillsTopic else { preconditionFailure("an engine has a topic of fills") }
        let keeper = UnitKeeper(
            watchdogNanoseconds: self.manager.watchdogNanoseconds ?? Self.watchdogNanoseconds, logger: self.logger)
        let membership = try PartitionMembership(
            settings: settings, topic: topic, keeper: keeper, logger: self.logger)
        let reader = try NodesReader(settings: settings, directory: FleetDirectory(), logger: self.logger)
        let edge = ServerEdge(EdgeSettings(http), logger: self.logger)
        let metrics = EngineMetrics(
            node: self.configuration.node.effectiveName, keeper: keeper, membership: membership, nodes: reader,
            edge: edge)
        let reporter = ServiceReporter(
            manager: self.manager, logger: self.logger, readyText: "ready: units serve all partitions of this engine",
            progress: { metrics.progress }, readiness: { metrics.readiness }, status: { metrics.status })
        let announcer = self.log.announcer
        let port = OperationsServer.make(
            listener: listener, edge: edge, group: group, readiness: { metrics.readiness },
            metrics: { metrics.families() }, logger: self.log.libraries,
            onListening: { address in
                announcer.notice("ready http=\(address.hostAndPort)")
                reporter.ready()
            })
        // The last is stopped first: the port answers until the group is left.
        try await ServiceGroup.run(
            [port, reporter, reader, SignalForwarder(keeper: keeper, manager: self.manager), membership],
            stoppingWithin: Self.shutdownLimit, logger: self.log.libraries)
        self.logger.notice("stopped")
    }
}

/// A reload is the units' business: each says for itself whether it took it over.
private struct SignalForwarder: Service {
    let keeper: UnitKeeper
    let manager: SystemdLink

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            self.manager.notify(["RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.nowNanoseconds / 1000)"])
            self.keeper.pass(SIGHUP)
            self.manager.notify(["READY=1"])
        }
    }
}
