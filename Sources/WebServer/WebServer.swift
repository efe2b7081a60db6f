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
    public var instruments: LiveInstruments
    public var desk: ReportDesk
    public var orders: OrderDesk
    public var alerts: AlertDesk
    public var access: AccessDesk
    public var signIn: SignInSettings
    public var watchlists: WatchlistDesk
    public var preferences: PreferencesDesk
    public var store: any DeskStore
    /// IANA name of the zone of the page's clock.
    public var zone: String
    /// Folder of the page's files; empty for those built in.
    public var pageFolder: String
    public var readiness: @Sendable () -> Readiness
    public var metrics: @Sendable () -> [MetricFamily]

    public init(
        instruments: LiveInstruments, desk: ReportDesk, orders: OrderDesk, alerts: AlertDesk, access: AccessDesk,
        signIn: SignInSettings, watchlists: WatchlistDesk, preferences: PreferencesDesk,
        store: any DeskStore, zone: String, pageFolder: String, readiness: @escaping @Sendable () -> Readiness,
        metrics: @escaping @Sendable () -> [MetricFamily]
    ) {
        self.instruments = instruments
        self.desk = desk
        self.orders = orders
        self.alerts = alerts
        self.access = access
        self.signIn = signIn
        self.watchlists = watchlists
        self.preferences = preferences
        self.store = store
        self.zone = zone
        self.pageFolder = pageFolder
        self.readiness = readiness
        self.metrics = metrics
    }
}

public enum WebServer {
    /// A service that serves pages, API and stream.
    ///
    /// - Parameter onListening: told the address once connections are accepted.
    public static func make(
        listener: PortListener, hub: StreamHub, edge: ServerEdge, sources: WebSources, group: any EventLoopGroup,
        logger: Logger, onListening: @escaping @Sendable (SocketAddress) async -> Void
    ) throws -> some Service {
        let access = sources.access
        let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CrossOriginMiddleware(allowedOrigins: Set(hub.settings.allowedOrigins)))
        let files = try PageFiles(folder: sources.pageFolder)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: FaultPageMiddleware(files: files))
        router.add(middleware: ForwardedAddressMiddleware(trusted: edge.trustedProxies))
        router.add(
            middleware: AuthenticationMiddleware(
                access: sources.access, origins: OriginPolicy(allowedOrigins: hub.settings.allowedOrigins),
                settings: sources.signIn))
        PageRoutes(hub: hub, watchlists: sources.watchlists, zone: sources.zone, files: files).add(to: router)
        APIRoutes(hub: hub, desk: sources.desk, instruments: sources.instruments).add(to: router)
        WatchlistRoutes(desk: sources.watchlists, instruments: sources.instruments).add(to: router)
        PreferencesRoutes(desk: sources.preferences).add(to: router)
        RiskRoutes(hub: hub, desk: sources.desk, alerts: sources.alerts).add(to: router)
        AlertRoutes(catalog: hub.catalog, desk: sources.alerts, store: sources.store).add(to: router)
        LimitRoutes(catalog: hub.catalog, reports: sources.desk, desk: sources.alerts).add(to: router)
        LimitUseRoutes(hub: hub, desk: sources.alerts).add(to: router)
        OrderRoutes(desk: sources.orders, catalog: hub.catalog).add(to: router)
        KillSwitchRoutes(
            desk: sources.orders, catalog: hub.catalog, isInFleet: sources.signIn.fleet != nil
        ).add(to: router)
        BookingRoutes(desk: sources.orders, store: sources.store, catalog: hub.catalog).add(to: router)
        HistoryRoutes(
            catalog: hub.catalog, baseCurrency: sources.desk.inputs.convention.baseCurrency, store: sources.store
        ).add(to: router)
        SessionRoutes(access: access, catalog: hub.catalog, settings: sources.signIn).add(to: router)
        UserRoutes(access: access).add(to: router)
        OperationsRoutes(readiness: sources.readiness, metrics: sources.metrics).add(to: router)
        StatusRoutes(readiness: sources.readiness, desk: sources.orders).add(to: router)
        try DocumentRoute.add(to: router)
        StreamRoute.add(to: router)
        for route in router.routes {
            logger.debug("route", metadata: ["method": "\(route.method)", "path": "\(route.path)"])
        }
        let responder = PortResponder(routes: router.buildResponder(), logger: logger)
        return PortServer(
            listener: listener,
            child: OnePortChannel(
                responder: { try await responder.respond(to: $0, writer: $1, channel: $2) },
                door: StreamDoor(allowedOrigins: hub.settings.allowedOrigins, access: access) {
                    // Whom nobody here knows streams from a gateway.
                    access.isRequired && sources.signIn.knowsNobody ? nil : hub
                }, edge: edge),
            edge: edge, group: group, logger: logger, onListening: onListening)
    }
}
