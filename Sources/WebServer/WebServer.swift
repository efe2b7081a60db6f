// SPDX-License-Identifier: Apache-2.0
// Everything behind the one port, put together.

import DeskService
import FrameCodec
import FramePublisher
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import RiskDomain
import RiskStore
import ServiceLifecycle

/// What the server shows besides the stream.
public struct WebSources: Sendable {
    public var inputs: RiskInputs
    public var desk: ReportDesk
    public var alerts: AlertDesk
    /// `nil` where nothing outlives the process.
    public var store: (any DeskStore)?
    /// IANA name of the zone of the page's clock.
    public var zone: String
    public var readiness: @Sendable () -> Readiness
    public var metrics: @Sendable () -> [MetricFamily]

    public init(
        inputs: RiskInputs, desk: ReportDesk, alerts: AlertDesk, store: (any DeskStore)?, zone: String,
        readiness: @escaping @Sendable () -> Readiness,
        metrics: @escaping @Sendable () -> [MetricFamily]
    ) {
        self.inputs = inputs
        self.desk = desk
        self.alerts = alerts
        self.store = store
        self.zone = zone
        self.readiness = readiness
        self.metrics = metrics
    }
}

public enum WebServer {
    /// A service that serves pages, API and stream.
    ///
    /// - Parameter onListening: told the address once connections are accepted.
    public static func make(
        host: String, port: Int, hub: StreamHub, edge: ServerEdge, sources: WebSources, group: any EventLoopGroup,
        logger: Logger, onListening: @escaping @Sendable (SocketAddress) async -> Void
    ) throws -> some Service {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: CrossOriginMiddleware(allowedOrigins: Set(hub.settings.allowedOrigins)))
        router.add(middleware: ProblemMiddleware())
        try PageRoutes(hub: hub, zone: sources.zone).add(to: router)
        APIRoutes(hub: hub, inputs: sources.inputs).add(to: router)
        RiskRoutes(hub: hub, desk: sources.desk).add(to: router)
        AlertRoutes(catalog: hub.catalog, desk: sources.alerts, store: sources.store).add(to: router)
        LimitRoutes(inputs: sources.inputs, desk: sources.alerts, hasStore: sources.store != nil).add(to: router)
        HistoryRoutes(
            catalog: hub.catalog, baseCurrency: sources.inputs.convention.baseCurrency, store: sources.store
        ).add(to: router)
        OperationsRoutes(readiness: sources.readiness, metrics: sources.metrics).add(to: router)
        StreamRoute.add(to: router)
        return Application(
            router: router,
            server: HTTPServerBuilder { OnePortChannel(responder: $0, hub: hub, edge: edge) },
            configuration: .init(address: .hostname(host, port: port), serverName: "tickrisk"),
            onServerRunning: { channel in
                do { try await AcceptPause.add(to: channel, edge: edge) } catch {
                    logger.error("the port cannot be watched", metadata: ["error": "\(error)"])
                }
                if let address = channel.localAddress { await onListening(address) }
            },
            eventLoopGroupProvider: .shared(group),
            logger: logger)
    }
}
