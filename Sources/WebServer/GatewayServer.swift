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
    let gateway: any GatewayUpstream
    let access: RemoteAccess
    let edge: ServerEdge
    private let route: any RequestRoute
    /// Of a fleet, and the zone of its page's clock.
    private let fleet: (hub: FleetHub, zone: String)?
    private let forwarder: Forwarder
    private let allowedOrigins: [String]

    /// - Parameters:
    ///   - upstream: where pages and the API are.
    ///   - limitNanoseconds: for each part of an answer of it.
    public init(
        gateway: GatewayHub, access: RemoteAccess, edge: ServerEdge, upstream: UpstreamAddress,
        limitNanoseconds: UInt64, allowedOrigins: [String], group: any EventLoopGroup
    ) {
        self.init(
            gateway: gateway, access: access, route: OneUpstream(address: upstream), fleet: nil, edge: edge,
            limitNanoseconds: limitNanoseconds, allowedOrigins: allowedOrigins, group: group)
    }

    /// The port before a fleet.
    ///
    /// - Parameter zone: IANA name of the zone of the page's clock.
    public init(
        fleet: FleetHub, zone: String, edge: ServerEdge, limitNanoseconds: UInt64, allowedOrigins: [String],
        group: any EventLoopGroup
    ) {
        self.init(
            gateway: fleet, access: fleet.access, route: FleetRoute(fleet: fleet), fleet: (fleet, zone), edge: edge,
            limitNanoseconds: limitNanoseconds, allowedOrigins: allowedOrigins, group: group)
    }

    private init(
        gateway: any GatewayUpstream, access: RemoteAccess, route: any RequestRoute,
        fleet: (hub: FleetHub, zone: String)?, edge: ServerEdge,
        limitNanoseconds: UInt64, allowedOrigins: [String], group: any EventLoopGroup
    ) {
        self.gateway = gateway
        self.access = access
        self.route = route
        self.fleet = fleet
        self.edge = edge
        self.allowedOrigins = allowedOrigins
        self.forwarder = Forwarder(limitNanoseconds: limitNanoseconds, trusted: edge.trustedProxies, group: group)
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
        router.add(
            middleware: GatewayMiddleware(
                gateway: self.gateway, route: self.route, forwarder: self.forwarder, files: files,
                page: self.page(files), wholeHouse: self.wholeHouse))
        OperationsRoutes(tellsWarnings: true, readiness: readiness, metrics: metrics).add(to: router)
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

    private func page(_ files: PageFiles) -> FleetPage? {
        self.fleet.map { hub, zone in
            FleetPage(
                fleet: hub, forwarder: self.forwarder, route: FleetRoute(fleet: hub), zone: zone, files: files)
        }
    }

    private var wholeHouse: WholeHouse? {
        self.fleet.map { hub, _ in
            WholeHouse(fleet: hub, forwarder: self.forwarder, route: FleetRoute(fleet: hub))
        }
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
