// SPDX-License-Identifier: Apache-2.0
// Everything behind the one port of a gateway, put together.

import FrameRelay
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import ServiceLifecycle

/// The port of a node that cuts nothing itself: streams from its upstream's frames, everything else from its upstream.
public struct GatewayServer: Sendable {
    let gateway: GatewayHub
    let access: RemoteAccess
    let edge: ServerEdge
    private let forwarder: Forwarder
    private let allowedOrigins: [String]

    /// - Parameters:
    ///   - upstream: where pages and the API are.
    ///   - limitNanoseconds: for each part of an answer of it.
    public init(
        gateway: GatewayHub, access: RemoteAccess, edge: ServerEdge, upstream: UpstreamAddress,
        limitNanoseconds: UInt64, allowedOrigins: [String], group: any EventLoopGroup
    ) {
        self.gateway = gateway
        self.access = access
        self.edge = edge
        self.allowedOrigins = allowedOrigins
        self.forwarder = Forwarder(
            upstream: upstream, limitNanoseconds: limitNanoseconds, trusted: edge.trustedProxies, group: group)
    }

    /// A service that serves the port.
    ///
    /// - Parameter onListening: told the address once connections are accepted.
    public func make(
        listener: PortListener, group: any EventLoopGroup, readiness: @escaping @Sendable () -> Readiness,
        metrics: @escaping @Sendable () -> [MetricFamily], logger: Logger,
        onListening: @escaping @Sendable (SocketAddress) async -> Void
    ) throws -> some Service {
        let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
        let files = try PageFiles(folder: "")
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: FaultPageMiddleware(files: files))
        router.add(middleware: GatewayMiddleware(gateway: self.gateway, forwarder: self.forwarder, files: files))
        OperationsRoutes(readiness: readiness, metrics: metrics).add(to: router)
        GatewayStreamRoute(gateway: self.gateway, access: self.access).add(to: router)
        let responder = PortResponder(routes: router.buildResponder(), logger: logger)
        let gateway = self.gateway
        return PortServer(
            listener: listener,
            child: OnePortChannel(
                responder: { try await responder.respond(to: $0, writer: $1, channel: $2) },
                door: StreamDoor(allowedOrigins: self.allowedOrigins, access: self.access) { gateway.hub },
                edge: self.edge),
            edge: self.edge, group: group, logger: logger, onListening: onListening)
    }

    /// What became of the requests that were passed on.
    public var families: [MetricFamily] {
        [
            MetricFamily(
                .counter, "tickrisk_requests_forwarded_total",
                "Requests passed on to the upstream, by what came of it.",
                self.forwarder.counters.samples.map { .init(["outcome": $0.outcome.rawValue], Double($0.count)) })
        ]
    }
}
