// SPDX-License-Identifier: Apache-2.0
// The wiring of everything on one screen.

import AlertWebhooks
import DeskService
import FrameCodec
import FramePublisher
import Logging
import NIOCore
import NIOPosix
import RiskDomain
import RiskEngine
import RiskFiles
import RiskKernel
import RiskStore
import ServiceLifecycle
import TickFeed
import TickIngest
import UnixSignals
import WebServer

/// `tickriskd` from a checked configuration: feeds → rings → engine → publisher → hub → clients.
public struct Daemon: Sendable {
    /// A request or stream that does not end by itself is cut after this.
    private static let shutdownLimit = Duration.seconds(8)

    let configuration: Configuration
    let inputs: RiskInputs
    let logger: Logger

    public init(configuration: Configuration, inputs: RiskInputs, logger: Logger) {
        self.configuration = configuration
        self.inputs = inputs
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameter tierName: kernel tier to force; `nil` for the best.
    public func run(tierName: String?) async throws {
        let tier = try KernelTier(named: tierName)
        let opened = try DaemonStore(self.configuration.store, logger: self.logger)
        let roll = try self.dayRoll()
        let opening = try await DeskOpening.open(
            self.inputs, store: opened.store, nextRoll: roll.next(after:),
            nowNanoseconds: WallClock.nowNanoseconds, logger: self.logger)
        // From here on what is held is what the store says.
        let daemon = Daemon(configuration: self.configuration, inputs: opening.inputs, logger: self.logger)
        try await daemon.serve(opening, store: opened.store, roll: roll, tier: tier)
        await opened.close()
        self.logger.notice("stopped")
    }

    private func serve(_ opening: DeskOpening, store: SQLiteStore, roll: DayRoll, tier: KernelTier) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let rings = try self.configuration.feeds.map { try self.ring(for: $0) }
        let atStart = try EngineBook(inputs: self.inputs, rings: rings, tier: tier)
        let catalog = ChannelCatalog(plan: atStart.plan)
        let hub = try StreamHub(
            catalog: catalog, settings: StreamSettings(self.configuration.streaming),
            epoch: String(WallClock.nowNanoseconds), group: group, logger: self.logger)
        let context = try ZMQContext()
        let access = try await self.accessDesk(store, accounts: catalog.accounts.map(\.id))
        let webhooks = WebhookSender(
            targets: try self.configuration.webhooks.map { try WebhookTarget($0) }, group: group, logger: self.logger)
        let alerts = try await AlertDesk(
            catalog: catalog, sink: hub, store: store, listeners: [webhooks], logger: self.logger)
        let watchlists = try await WatchlistDesk(store: store)
        let preferences = try await PreferencesDesk(store: store)
        let venue = try self.venue(context)
        let publisher = PublisherThread(book: atStart, catalog: catalog, sink: venue.tap(alerts))
        let parker = Parker()
        let engineThread = EngineThread(
            engine: atStart.engine, dayRoll: roll, parker: parker, onCut: publisher.wake)
        let book = LiveBook(book: atStart, engine: engineThread, onBook: publisher.follow)
        let gate = try AccessGate(context: context, list: try self.configuration.accessList())
        defer { gate.stop() }
        let feeds = try self.feeds(rings, context: context, parker: parker)
        let reports = ReportDesk(
            inputs: self.inputs, catalog: catalog, tier: tier, strategies: book.strategies(ofAccount:))
        let threads = ThreadsService(
            feeds: feeds, engine: engineThread, publisher: publisher, book: book,
            reports: ReportThread(desk: reports, source: hub, sink: hub))
        let orders = OrderDesk(
            opening: opening, catalog: catalog, cuts: hub, events: hub, holdings: book, alerts: alerts,
            venue: venue.venue, store: store, preview: ReportPreview(desk: reports, cuts: hub),
            settings: DeskSettings(self.configuration.orders), nextRoll: roll.next(after:), logger: self.logger)
        let edge = ServerEdge(EdgeSettings(self.configuration.http), logger: self.logger)
        let metrics = DaemonMetrics(
            feeds: feeds, rings: rings, gate: gate, engine: engineThread, book: book, tier: tier, hub: hub, edge: edge,
            store: store, orders: orders, webhooks: webhooks, returnCount: self.inputs.scenarios.count)

        self.reportBook(plan: atStart.plan, tier: tier)
        try threads.start()
        self.report(feeds)
        await orders.start()
        let announcer = self.announcer()
        let server = try WebServer.make(
            host: self.configuration.http.host, port: self.configuration.http.port, hub: hub, edge: edge,
            sources: WebSources(
                inputs: self.inputs, desk: reports, orders: orders, alerts: alerts, access: access,
                signIn: SignInSettings(isCookieSecure: self.configuration.authentication.isCookieSecure),
                watchlists: watchlists, preferences: preferences, store: store,
                zone: self.configuration.tradingDay.zone, pageFolder: self.configuration.http.pageFolder,
                readiness: { metrics.readiness }, metrics: { metrics.families() }),
            group: group, logger: self.serverLogger(),
            onListening: { address in announcer.notice("ready http=\(Self.text(of: address))") })
        // The last is stopped first: no requests, then no orders, then no ticks and no alerts.
        let recorder = self.recorder(to: store, source: hub, catalog: catalog)
        try await self.run([webhooks, access, alerts, threads, recorder, orders, server])
    }

    private func run(_ services: [any Service]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: self.serverLogger())
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        try await ServiceGroup(configuration: configuration).run()
    }

    private func feeds(_ rings: [TickRing], context: ZMQContext, parker: Parker) throws -> [FeedThread] {
        let settings = try self.configuration.feeds.map { try FeedSettings($0) }
        return zip(settings, rings).enumerated().map { number, feed in
            FeedThread(
                number: number, settings: feed.0, context: context, directory: self.inputs.directory,
                ring: feed.1, engineParker: parker, logger: self.logger)
        }
    }

    private func report(_ feeds: [FeedThread]) {
        for feed in feeds {
            self.logger.info(
                "feed open", metadata: ["feed": "\(feed.settings.name)", "endpoint": "\(feed.endpoint ?? "")"])
        }
    }

    private func ring(for feed: Configuration.Feed) throws -> TickRing {
        guard let ring = TickRing(capacity: feed.ringCapacity) else { throw EngineError.outOfMemory }
        return ring
    }

    /// Who may come in; a store without users gets its first, and its password goes to whoever started the daemon.
    private func accessDesk(_ store: SQLiteStore, accounts: [String]) async throws -> AccessDesk {
        let settings = self.configuration.authentication
        if settings.mode == .password,
            let password = try await FirstUser.make(in: store, timeNanoseconds: WallClock.nowNanoseconds)
        {
            DaemonLog.say("first user: \(FirstUser.name)  password: \(password)")
        }
        return try await AccessDesk(
            isRequired: settings.mode == .password, settings: AccessSettings(settings), accounts: accounts,
            store: store, logger: self.logger)
    }

    private func recorder(
        to store: SQLiteStore, source: StreamHub, catalog: ChannelCatalog
    ) -> HistoryRecorder {
        let settings = self.configuration.store
        return HistoryRecorder(
            source: source, catalog: catalog, store: store,
            retention: HistoryRetention(ages: [
                .second: Int64(settings.keepSecondsNanoseconds / 1_000_000_000),
                .minute: Int64(settings.keepMinutesNanoseconds / 1_000_000_000),
            ]), logger: self.logger)
    }

    private func dayRoll() throws -> DayRoll {
        let day = self.configuration.tradingDay
        guard let roll = DayRoll(minutes: day.rollMinutes, zone: day.zone) else {
            throw DaemonError.unknownZone(day.zone)
        }
        return roll
    }

    /// Whoever starts the daemon waits for its line, whatever the level.
    private func announcer() -> Logger {
        var logger = self.logger
        logger.logLevel = min(logger.logLevel, .notice)
        return logger
    }

    /// The libraries' routine messages are not the operator's.
    private func serverLogger() -> Logger {
        var logger = self.logger
        if logger.logLevel == .info || logger.logLevel == .notice { logger.logLevel = .warning }
        return logger
    }

    /// Says what is served, and what of it will have no value and why.
    private func reportBook(plan: BookPlan, tier: KernelTier) {
        self.logger.info(
            "book loaded",
            metadata: [
                "instruments": "\(self.inputs.instruments.count)", "accounts": "\(plan.accounts.count)",
                "positions": "\(self.inputs.positions.count)", "returns": "\(self.inputs.scenarios.count)",
                "kernels": "\(tier.name)",
            ])
        for scenario in self.inputs.stressScenarios {
            let unreached = scenario.unreached(among: self.inputs.instruments, history: self.inputs.history)
            if unreached.isEmpty { continue }
            self.logger.warning(
                "a replay has no closes for some instruments: they stand still in it",
                metadata: ["scenario": "\(scenario.name)", "symbols": "\(unreached.joined(separator: ","))"])
        }
        for account in plan.accounts {
            for (row, pair) in account.pairs.enumerated() where plan.pairs[pair].path == nil {
                self.logger.warning(
                    "position has no value: no quoted pairs lead from its currency to the account's",
                    metadata: [
                        "account": "\(account.account.id)", "symbol": "\(account.positions[row].symbol)",
                        "from": "\(plan.pairs[pair].from)", "to": "\(plan.pairs[pair].to)",
                    ])
            }
            if plan.pairs[account.firmPair].path == nil {
                self.logger.warning(
                    "account is left out of the firm: no quoted pairs lead to the base currency",
                    metadata: ["account": "\(account.account.id)", "currency": "\(account.account.currency)"])
            }
        }
    }

    private static func text(of address: SocketAddress) -> String {
        let host = address.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
    }
}

extension EdgeSettings {
    init(_ http: Configuration.HTTP) {
        self.init(
            isLoopback: http.isLoopback, allowedHosts: http.allowedHosts, connectionsMax: http.maxConnections,
            connectionsPerAddressMax: http.maxConnectionsPerAddress,
            headerNanosecondsMax: http.headerTimeoutNanoseconds,
            responseNanosecondsMax: http.responseTimeoutNanoseconds, idleNanosecondsMax: http.idleTimeoutNanoseconds)
    }
}

extension StreamSettings {
    init(_ streaming: Configuration.Streaming) {
        self.init(
            maximumClients: streaming.maxClients, slowClientTimeoutNanoseconds: streaming.slowClientTimeoutNanoseconds,
            frameNanosecondsMax: streaming.frameTimeoutNanoseconds, allowedOrigins: streaming.allowedOrigins,
            zstdLevel: streaming.zstdLevel,
            deflateLevel: streaming.deflateLevel)
    }
}

extension AccessSettings {
    init(_ authentication: Configuration.Authentication) {
        self.init(
            lifetimeNanoseconds: authentication.sessionLifetimeNanoseconds,
            idleNanoseconds: authentication.sessionIdleNanoseconds)
    }
}
