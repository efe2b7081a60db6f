// SPDX-License-Identifier: Apache-2.0
// The wiring of a gateway: upstream's frames → hub → clients; pages and API from upstream.

import Fleet
import FrameRelay
import Logging
import NIOCore
import NIOPosix
import Operations
import RiskFiles
import ServiceLifecycle
import Synchronization
import TickFeed
import TradeStream
import WebServer

/// `tickriskd` of `node.role: gateway`: no engine, no store, no feeds.
public struct GatewayNode: Sendable {
    private static let shutdownLimit = Duration.seconds(4)

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
        let context = try ZMQContext()
        let gate = try AccessGate(context: context, list: try self.configuration.accessList())
        defer { gate.stop() }
        let edge = ServerEdge(EdgeSettings(http), logger: self.logger)
        let (gateway, server, services) =
            self.configuration.kafka.isOn
            ? try self.joined(context, edge: edge, group: group) : try self.connected(context, edge: edge, group: group)
        let metrics = GatewayMetrics(gateway: gateway, server: server, edge: edge, gate: gate)
        let threads = GatewayThreads(gateway: gateway)
        try threads.start()
        try await self.serve(
            server, listener: listener, group: group, metrics: metrics, services: services + [threads])
    }

    private typealias Parts = (gateway: any GatewayUpstream, server: GatewayServer, services: [any Service])

    /// Before the client's own time is over, so that it is told.
    private var limitNanoseconds: UInt64 { self.configuration.http.responseTimeoutNanoseconds / 4 * 3 }

    /// Before one node.
    private func connected(_ context: ZMQContext, edge: ServerEdge, group: any EventLoopGroup) throws -> Parts {
        let relay = self.configuration.relay
        guard let api = relay.api else { preconditionFailure("a gateway has an upstream or a fleet") }
        let receiver = RelayReceiver(context: context, settings: try RelayInSettings(relay), logger: self.logger)
        let access = RemoteAccess(asking: receiver)
        let streaming = self.configuration.streaming
        let gateway = GatewayHub(
            settings: StreamSettings(streaming), isLoopback: self.configuration.http.isLoopback, receiver: receiver,
            access: access, relay: try relay.publisher(context, logger: self.logger), group: group,
            logger: self.logger)
        let server = GatewayServer(
            gateway: gateway, access: access, edge: edge, upstream: UpstreamAddress(host: api.host, port: api.port),
            limitNanoseconds: self.limitNanoseconds, allowedOrigins: streaming.allowedOrigins, group: group)
        if !api.isLoopback {
            self.logger.warning(
                "requests to the upstream travel unencrypted: let nobody else on that network",
                metadata: ["api": "\(api.text)"])
        }
        return (gateway, server, [access])
    }

    /// Before the units of a fleet.
    private func joined(_ context: ZMQContext, edge: ServerEdge, group: any EventLoopGroup) throws -> Parts {
        let directory = FleetDirectory()
        let nodes = try NodesReader(
            settings: KafkaSettings(self.configuration.kafka), directory: directory, logger: self.logger)
        let fleet = FleetHub(
            directory: directory,
            settings: try FleetSettings(self.configuration, context: context, logger: self.logger), group: group,
            logger: self.logger)
        let server = GatewayServer(
            fleet: fleet, zone: self.configuration.tradingDay.zone, edge: edge,
            limitNanoseconds: self.limitNanoseconds, allowedOrigins: self.configuration.streaming.allowedOrigins,
            group: group)
        return (fleet, server, [nodes, fleet.access])
    }

    private func serve(
        _ server: GatewayServer, listener: PortListener, group: any EventLoopGroup, metrics: GatewayMetrics,
        services: [any Service]
    ) async throws {
        let announcer = self.log.announcer
        let reporter = ServiceReporter(
            manager: self.manager, logger: self.logger, readyText: "ready: the upstream is heard",
            progress: { metrics.progress }, readiness: { metrics.readiness }, status: { metrics.status })
        let port = try server.make(
            listener: listener, group: group, readiness: { metrics.readiness }, metrics: { metrics.families() },
            logger: self.log.libraries,
            onListening: { address in
                announcer.notice("ready http=\(address.hostAndPort)")
                reporter.ready()
            })
        try await ServiceGroup.run(
            services + [port, reporter], stoppingWithin: Self.shutdownLimit, logger: self.log.libraries)
        self.logger.notice("stopped")
    }
}

/// The gateway's threads for the life of the process.
private struct GatewayThreads: Service {
    let gateway: any GatewayUpstream

    func start() throws { try self.gateway.start() }

    func run() async throws {
        try? await gracefulShutdown()
        self.gateway.stop()
    }
}

/// A gateway's metrics and readiness, read from the parts that count.
struct GatewayMetrics: Sendable {
    let gateway: any GatewayUpstream
    let server: GatewayServer
    let edge: ServerEdge
    let gate: AccessGate

    /// Turns of every loop that has to live.
    var progress: [UInt64] { self.gateway.progress }

    /// One line, for `systemctl status`.
    var status: String {
        let readiness = self.readiness
        let state = readiness.isReady ? "passing on" : "waits: \(readiness.missing.joined(separator: "; "))"
        return "\(state); clients \(self.gateway.clientCount)"
    }

    var readiness: Readiness {
        var readiness = Readiness()
        self.gateway.add(to: &readiness)
        return readiness
    }

    func families() -> [MetricFamily] {
        let refused = MetricFamily(
            .counter, "tickrisk_peers_refused_total", "Handshakes with a key that is not allowed.",
            Double(self.gate.refusedCount))
        return self.gateway.families + [refused]
            + self.gateway.streamCounters.families(clientCount: self.gateway.clientCount)
            + self.server.families + self.edge.families
            + ProcessMetrics.families(readiness: self.readiness, kernels: "none")
    }
}
