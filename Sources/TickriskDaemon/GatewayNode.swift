// SPDX-License-Identifier: Apache-2.0
// The wiring of a gateway: upstream's frames → hub → clients; pages and API from upstream.

import FrameRelay
import Logging
import NIOCore
import NIOPosix
import Operations
import RiskFiles
import ServiceLifecycle
import Synchronization
import TickFeed
import UnixSignals
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
        guard let api = self.configuration.relay.api else { preconditionFailure("a gateway has an upstream") }
        let http = self.configuration.http
        let listener = try PortListener(http, manager: self.manager)
        let group = MultiThreadedEventLoopGroup.singleton
        let context = try ZMQContext()
        let gate = try AccessGate(context: context, list: try self.configuration.accessList())
        defer { gate.stop() }
        let receiver = RelayReceiver(
            context: context, settings: try RelayInSettings(self.configuration.relay), logger: self.logger)
        let access = RemoteAccess(receiver: receiver)
        let streaming = self.configuration.streaming
        let gateway = GatewayHub(
            settings: StreamSettings(streaming), isLoopback: http.isLoopback, receiver: receiver, access: access,
            relay: try self.configuration.relay.publisher(context, logger: self.logger), group: group,
            logger: self.logger)
        let edge = ServerEdge(EdgeSettings(http), logger: self.logger)
        let server = GatewayServer(
            gateway: gateway, access: access, edge: edge, upstream: UpstreamAddress(host: api.host, port: api.port),
            // Before the client's own time is over, so that it is told.
            limitNanoseconds: http.responseTimeoutNanoseconds / 4 * 3, allowedOrigins: streaming.allowedOrigins,
            group: group)
        let metrics = GatewayMetrics(
            receiver: receiver, gateway: gateway, server: server, edge: edge, gate: gate,
            upstream: self.configuration.relay.connect)
        if !api.isLoopback {
            self.logger.warning(
                "requests to the upstream travel unencrypted: let nobody else on that network",
                metadata: ["api": "\(api.text)"])
        }
        let threads = GatewayThreads(gateway: gateway)
        try threads.start()
        try await self.serve(server, listener: listener, group: group, metrics: metrics, services: [access, threads])
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
        var configuration = ServiceGroupConfiguration(
            services: (services + [port, reporter]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: self.log.libraries)
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        try await ServiceGroup(configuration: configuration).run()
        self.logger.notice("stopped")
    }
}

/// The gateway's threads for the life of the process.
private struct GatewayThreads: Service {
    let gateway: GatewayHub

    func start() throws { try self.gateway.start() }

    func run() async throws {
        try? await gracefulShutdown()
        self.gateway.stop()
    }
}

/// A gateway's metrics and readiness, read from the parts that count.
struct GatewayMetrics: Sendable {
    let receiver: RelayReceiver
    let gateway: GatewayHub
    let server: GatewayServer
    let edge: ServerEdge
    let gate: AccessGate
    /// The upstream's endpoint, for people.
    let upstream: String

    /// Turns of every loop that has to live.
    var progress: [UInt64] { [self.receiver.turnCount.load(ordering: .relaxed)] }

    /// One line, for `systemctl status`.
    var status: String {
        let readiness = self.readiness
        let state = readiness.isReady ? "passing on" : "waits: \(readiness.missing.joined(separator: "; "))"
        return "\(state); clients \(self.gateway.clientCount)"
    }

    var readiness: Readiness {
        var readiness = Readiness()
        if let reason = self.gateway.unavailable {
            readiness.add(.feed, .unreadies, "\(reason): \(self.upstream)")
        } else if self.receiver.waitingCount > 0 {
            readiness.add(.feed, .warns, "\(self.receiver.waitingCount) channels wait for their state")
        }
        return readiness
    }

    func families() -> [MetricFamily] {
        let upstream = [
            MetricFamily(
                .gauge, "tickrisk_relay_up", "1 while the upstream is heard.", self.receiver.isLive ? 1 : 0),
            MetricFamily(
                .gauge, "tickrisk_relay_channels_waiting", "Channels whose state is asked for.",
                Double(self.receiver.waitingCount)),
            MetricFamily(
                .counter, "tickrisk_peers_refused_total", "Handshakes with a key that is not allowed.",
                Double(self.gate.refusedCount)),
        ]
        return upstream + self.receiver.counters.families
            + self.gateway.streamCounters.families(clientCount: self.gateway.clientCount)
            + self.gateway.relayFamilies + self.server.families + self.edge.families
            + ProcessMetrics.families(readiness: self.readiness, kernels: "none")
    }
}
