// SPDX-License-Identifier: Apache-2.0
// The wiring of everything on one screen.

import AlertWebhooks
import DeskService
import Fleet
import FrameCodec
import FramePublisher
import FrameRelay
import Logging
import NIOCore
import NIOPosix
import Operations
import RiskDomain
import RiskEngine
import RiskFiles
import RiskKernel
import RiskStore
import ServiceLifecycle
import TickFeed
import TickIngest
import TradeStream
import WebServer

/// `tickriskd` from a checked configuration: feeds → rings → engine → publisher → hub → clients.
public struct Daemon: Sendable {
    /// A request or stream that does not end by itself is cut after this; the whole stop has five seconds.
    private static let shutdownLimit = Duration.seconds(4)

    let configuration: Configuration
    let inputs: RiskInputs
    /// Inputs as the files say, before the store was asked what is held.
    private let files: RiskInputs
    private let source: DaemonSource
    private let manager: SystemdLink
    let log: DaemonLog
    /// `nil` for a node that is alone.
    let unit: FleetUnit?
    var logger: Logger { self.log.logger }

    /// - Parameters:
    ///   - source: where `loaded` came from, for reloads.
    ///   - unit: of what fleet `loaded` is the part of.
    public init(
        loaded: DaemonSource.Loaded, source: DaemonSource, manager: SystemdLink, log: DaemonLog,
        unit: FleetUnit? = nil
    ) {
        self.configuration = loaded.configuration
        self.inputs = loaded.data.inputs
        self.files = loaded.data.inputs
        self.source = source
        self.manager = manager
        self.log = log
        self.unit = unit
    }

    private init(_ daemon: Daemon, holding inputs: RiskInputs) {
        self.configuration = daemon.configuration
        self.inputs = inputs
        self.files = daemon.files
        self.source = daemon.source
        self.manager = daemon.manager
        self.log = daemon.log
        self.unit = daemon.unit
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameter tierName: kernel tier to force; `nil` for the best.
    public func run(tierName: String?) async throws {
        let tier = try KernelTier(named: tierName)
        let listener = try PortListener(self.configuration.http, manager: self.manager)
        self.manager.notify(status: "opening the store and verifying what is in it")
        let opened = try DaemonStore(self.configuration.store, logger: self.logger)
        let roll = try self.dayRoll()
        let fleet = try await self.fleetLink(opened.store)
        let opening = try await DeskOpening.open(
            self.inputs, store: opened.store, nextRoll: roll.next(after:),
            nowNanoseconds: WallClock.nowNanoseconds, orderFloor: self.alertPart.floor, logger: self.logger)
        // From here on what is held is what the store says.
        let daemon = Daemon(self, holding: opening.inputs)
        try self.unit?.check(opening.inputs.accounts)
        try await daemon.serve(opening, store: opened.store, fleet: fleet, roll: roll, tier: tier, listener: listener)
        await opened.close()
        self.logger.notice("stopped")
    }

    private func serve(
        _ opening: DeskOpening, store: any StoredDesk, fleet: FleetLink?, roll: DayRoll, tier: KernelTier,
        listener: PortListener
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let runEpoch = WallClock.nowNanoseconds
        let epoch = fleet?.epoch ?? runEpoch
        let floor = (fleet?.generation ?? .alone).floor
        let rings = try self.configuration.feeds.map { try self.ring(for: $0) }
        let atStart = try self.engineBook(rings, tier: tier)
        let catalog = self.catalog(of: atStart.plan)
        let context = try ZMQContext()
        let gate = try AccessGate(context: context, list: try self.configuration.accessList())
        defer { gate.stop() }
        let relay = RelayService(relay: try self.configuration.relay.publisher(context, logger: self.logger))
        let hub = try self.hub(catalog, epoch: epoch, floor: floor, group: group, relay: relay.relay)
        let access = try await self.accessDesk(store, accounts: catalog.accounts.map(\.id))
        let webhooks = WebhookSender(
            targets: try self.configuration.webhooks.map { try WebhookTarget($0) }, group: group, logger: self.logger)
        let alerts = try await AlertDesk(
            catalog: catalog, sink: hub, store: store, listeners: [webhooks], part: self.alertPart,
            logger: self.logger)
        let venue = try self.venue(context)
        let firm = try self.firm(fleet, hub: hub, past: venue.tap(alerts), context: context)
        let publisher = PublisherThread(book: atStart, catalog: catalog, sink: firm.sink, floor: floor)
        let parker = Parker()
        let engine = try EngineThread(engine: atStart.engine, dayRoll: roll, parker: parker, onCut: publisher.wake)
        let followers = BookFollowers(publisher: publisher)
        let book = LiveBook(book: atStart, engine: engine, onBook: followers.follow)
        let feeds = try self.feeds(rings, context: context, parker: parker)
        let reports = self.reportDesk(catalog, tier: tier, book: book)
        let threads = ThreadsService(
            feeds: feeds, engine: engine, publisher: publisher, book: book,
            reports: ReportThread(desk: reports, source: hub, sink: hub, floor: floor))
        let orders = OrderDesk(
            opening: opening, catalog: catalog, cuts: hub, events: hub, holdings: book, alerts: alerts,
            venue: venue.venue, store: store, preview: ReportPreview(desk: reports, cuts: hub),
            settings: DeskSettings(self.configuration.orders), nextRoll: roll.next(after:), logger: self.logger)
        let instruments = LiveInstruments(self.inputs.directory)
        followers.add(venue: venue, reports: reports, instruments: instruments, orders: orders, feeds: feeds)
        let stream = try self.tradeStream(desk: orders, hub: hub, epoch: epoch, reports: reports)
        let reloader = self.reloader(orders: orders, book: book)
        let edge = ServerEdge(EdgeSettings(self.configuration.http), logger: self.logger)
        let model = ModelHealth(hub: hub, reports: reports)
        let metrics = DaemonMetrics(
            feeds: feeds, rings: rings, gate: gate, engine: engine, publisher: publisher, book: book, tier: tier,
            hub: hub, edge: edge, store: store, orders: orders, webhooks: webhooks, reloader: reloader, model: model,
            relay: relay.relay, stream: stream, fleet: fleet, firm: firm)
        self.reportBook(plan: atStart.plan, tier: tier)
        relay.start(hub: hub, run: runEpoch, access: access)
        try threads.start()
        self.report(feeds)
        await orders.start()
        let reporter = self.reporter(of: metrics)
        let server = try WebServer.make(
            listener: listener, hub: hub, edge: edge,
            sources: try await self.webSources(instruments, reports, orders, alerts, access, store, metrics),
            group: group, logger: self.log.libraries,
            onListening: { [accountCount = atStart.plan.accounts.count] address in
                self.announce(address, to: fleet, relay: relay.relay, accountCount: accountCount)
                reporter.ready()
            })
        // The last is stopped first: no requests, then no fills and orders, then no ticks and no alerts.
        let services: [any Service] = [
            webhooks, relay, access, alerts, firm, threads, self.recorder(to: store, source: hub, catalog: catalog),
            orders, stream, model, server, reloader, reporter,
        ]
        try await self.run(services + self.fleetServices(fleet, store: store))
    }

    private func webSources(
        _ instruments: LiveInstruments, _ reports: ReportDesk, _ orders: OrderDesk, _ alerts: AlertDesk,
        _ access: AccessDesk, _ store: any StoredDesk, _ metrics: DaemonMetrics
    ) async throws -> WebSources {
        WebSources(
            instruments: instruments, desk: reports, orders: orders, alerts: alerts, access: access,
            signIn: self.signIn,
            watchlists: try await WatchlistDesk(store: store),
            preferences: try await PreferencesDesk(store: store), store: store,
            zone: self.configuration.tradingDay.zone, pageFolder: self.configuration.http.pageFolder,
            readiness: { metrics.readiness }, metrics: { metrics.families() })
    }

    private func reporter(of metrics: DaemonMetrics) -> ServiceReporter {
        ServiceReporter(
            manager: self.manager, logger: self.logger, progress: { metrics.progress },
            readiness: { metrics.readiness }, status: { metrics.status })
    }

    private func hub(
        _ catalog: ChannelCatalog, epoch: UInt64, floor: UInt64, group: any EventLoopGroup, relay: RelayPublisher?
    ) throws -> StreamHub {
        try StreamHub(
            catalog: catalog, settings: StreamSettings(self.configuration.streaming), epoch: String(epoch),
            group: group, relay: relay, floor: floor, logger: self.logger)
    }

    private func run(_ services: [any Service]) async throws {
        try await ServiceGroup.run(services, stoppingWithin: Self.shutdownLimit, logger: self.log.libraries)
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

    private func engineBook(_ rings: [TickRing], tier: KernelTier) throws(EngineError) -> EngineBook {
        try EngineBook(inputs: self.inputs, rings: rings, tier: tier, shards: self.configuration.engine.shards)
    }

    private func ring(for feed: Configuration.Feed) throws -> TickRing {
        guard let ring = TickRing(capacity: feed.ringCapacity) else { throw EngineError.outOfMemory }
        return ring
    }

    /// Who may come in; a store without users gets its first, and its password goes to whoever started the daemon.
    private func accessDesk(_ store: any StoredDesk, accounts: [String]) async throws -> AccessDesk {
        let settings = self.configuration.authentication
        if settings.mode == .password, self.unit?.isHouse ?? true,
            let password = try await FirstUser.make(in: store, timeNanoseconds: WallClock.nowNanoseconds)
        {
            DaemonLog.say("first user: \(FirstUser.name)  password: \(password)")
        }
        return try await AccessDesk(
            isRequired: settings.mode == .password, settings: AccessSettings(settings), accounts: accounts,
            store: store, logger: self.logger)
    }

    private func recorder(
        to store: any StoredDesk, source: StreamHub, catalog: ChannelCatalog
    ) -> HistoryRecorder {
        let settings = self.configuration.store
        return HistoryRecorder(
            source: source, catalog: catalog, store: store,
            retention: HistoryRetention(ages: [
                .second: Int64(settings.keepSecondsNanoseconds / 1_000_000_000),
                .minute: Int64(settings.keepMinutesNanoseconds / 1_000_000_000),
            ]), hasFirm: self.alertPart.hasFirm, logger: self.logger)
    }

    private func dayRoll() throws -> DayRoll {
        let day = self.configuration.tradingDay
        guard let roll = DayRoll(minutes: day.rollMinutes, zone: day.zone) else {
            throw DaemonError.unknownZone(day.zone)
        }
        return roll
    }

    private func reloader(orders: OrderDesk, book: LiveBook) -> Reloader {
        let log = self.log
        return Reloader(
            source: self.source, configuration: self.configuration, inputs: self.files, manager: self.manager,
            logger: log.announcer,
            apply: { plan throws(ReloadRefusal) in
                if plan.hasOtherInputs {
                    // One after the other: ticks on their way are counted by one directory before.
                    guard book.hasFollowed else { throw ReloadRefusal(reason: "the reload before is still on its way") }
                    let reasons = orders.release(plan.leaving)
                    guard reasons.isEmpty else { throw ReloadRefusal(names: reasons, reason: "in use") }
                    book.follow(plan.inputs)
                }
                log.follow(plan.configuration.log)
                orders.follow(DeskSettings(plan.configuration.orders))
            }, isThrough: { book.hasFollowed })
    }
}
