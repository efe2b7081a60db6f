// SPDX-License-Identifier: Apache-2.0
// The daemon's metrics and readiness, read from the parts that count.

import AlertWebhooks
import DeskService
import FrameCodec
import FramePublisher
import FrameRelay
import Operations
import RiskDomain
import RiskEngine
import RiskKernel
import RiskStore
import Synchronization
import TickFeed
import TickIngest
import TradeStream
import WebServer

struct DaemonMetrics: Sendable {
    let feeds: [FeedThread]
    let rings: [TickRing]
    let gate: AccessGate
    let engine: EngineThread
    let publisher: PublisherThread
    let book: LiveBook
    let tier: KernelTier
    let hub: StreamHub
    let edge: ServerEdge
    let store: any StoredDesk
    let orders: OrderDesk
    let webhooks: WebhookSender
    let reloader: Reloader
    let model: ModelHealth
    /// `nil` without gateways.
    let relay: RelayPublisher?
    let stream: TradeStream
    /// `nil` for a node that is alone.
    let fleet: FleetLink?
    let firm: DaemonFirm

    /// Turns of every loop that has to live.
    var progress: [UInt64] {
        [self.engine.turnCount.load(ordering: .relaxed), self.publisher.turnCount.load(ordering: .relaxed)]
    }

    /// One line, for `systemctl status`.
    var status: String {
        let up = self.feeds.count { $0.isUp }
        let readiness = self.readiness
        let state = readiness.isReady ? "serving" : "waits: \(readiness.missing.joined(separator: "; "))"
        let refused = self.reloader.refusal.map { "; reload refused: \($0.prefix(200))" } ?? ""
        return "\(state); feeds up \(up) of \(self.feeds.count), clients \(self.hub.clientCount)\(refused)"
    }

    var readiness: Readiness {
        var readiness = Readiness()
        if self.model.scenarioCount == 0 { readiness.add(.risk, .unreadies, "the history has no returns: no VaR") }
        if self.hub.newestCut(channel: ChannelCatalog.firm) == nil {
            readiness.add(.risk, .unreadies, "no book valued yet")
        }
        let silent = self.feeds.filter { !$0.isUp }
        if silent.count == self.feeds.count { readiness.add(.feed, .unreadies, "no feed is up") }
        for feed in silent { readiness.add(.feed, .warns, "the feed \(feed.settings.name) is not up") }
        let storeFailure = self.store.failure
        if let storeFailure { readiness.add(.store, .unreadies, "the store is not writable: \(storeFailure)") }
        if storeFailure == nil, let link = self.store.link { self.add(link, to: &readiness) }
        self.addOrders(to: &readiness, isStoreWritable: storeFailure == nil)
        self.stream.add(to: &readiness)
        self.fleet?.add(to: &readiness)
        self.firm.add(to: &readiness)
        return readiness
    }

    /// While its server is away the store works, until the outbox is full.
    private func add(_ link: StoreLink, to readiness: inout Readiness) {
        guard let reason = link.away else { return }
        let isFull = link.outboxEntryCount >= link.outboxEntriesMax
        readiness.add(
            .store, isFull ? .unreadies : .warns,
            "the database server is away, \(link.outboxEntryCount) of \(link.outboxEntriesMax) entries wait for it: "
                + reason)
    }

    private func addOrders(to readiness: inout Readiness, isStoreWritable: Bool) {
        let desk = self.orders.status
        if !desk.isVenueUp { readiness.add(.orders, .unreadies, "the venue of orders is not up") }
        if let failure = desk.storeFailure {
            readiness.add(.orders, .unreadies, "no orders are taken: \(failure)")
        } else if !isStoreWritable {
            readiness.add(.orders, .stops, "no orders are taken: the store is not writable")
        }
        let house = self.orders.killSwitch(account: nil)
        let why = house.reason.isEmpty ? "" : ": \(house.reason)"
        switch house.state {
        case .active: break
        case .reducing: readiness.add(.orders, .warns, "the house may only reduce positions\(why)")
        case .halted: readiness.add(.orders, .stops, "the house is halted\(why)")
        }
    }

    func families() -> [MetricFamily] {
        self.feedFamilies() + self.engineFamilies()
            + self.hub.streamCounters.families(clientCount: self.hub.clientCount) + self.edge.families
            + self.deskFamilies() + (self.relay?.counters.families ?? []) + self.webhooks.families
            + self.reloader.families + self.model.families + self.stream.families
            + (self.fleet?.families ?? []) + self.firm.families
            + ProcessMetrics.families(readiness: self.readiness, kernels: self.tier.name)
    }

    private func feedFamilies() -> [MetricFamily] {
        func byFeed(
            _ kind: MetricFamily.Kind, _ name: String, _ help: String, _ value: (FeedThread) -> Double
        ) -> MetricFamily {
            MetricFamily(kind, name, help, self.feeds.map { .init(["feed": $0.settings.name], value($0)) })
        }
        func counter(_ name: String, _ help: String, _ value: (FeedCounters) -> Counter) -> MetricFamily {
            byFeed(.counter, name, help) { Double(value($0.counters).value) }
        }
        let rejected = self.feeds.flatMap { feed in
            RejectReason.allCases.map { reason in
                MetricFamily.Sample(
                    ["feed": feed.settings.name, "reason": reason.rawValue],
                    Double(feed.counters.rejected(reason).value))
            }
        }
        return [
            counter("tickrisk_messages_total", "Messages received.") { $0.messages },
            counter("tickrisk_ticks_total", "Ticks accepted.") { $0.ticks },
            MetricFamily(
                .counter, "tickrisk_ticks_rejected_total", "Messages (framing, json) and ticks refused, by reason.",
                rejected),
            counter("tickrisk_messages_missing_total", "Messages lost before us.") { $0.missing },
            counter("tickrisk_messages_duplicate_total", "Messages that came again, dropped.") { $0.duplicates },
            counter("tickrisk_ticks_conflated_total", "Accepted ticks replaced while the ring was full.") {
                $0.conflated
            },
            counter("tickrisk_heartbeats_total", "Messages without ticks.") { $0.heartbeats },
            counter("tickrisk_publisher_restarts_total", "Changes of the publisher's epoch.") { $0.restarts },
            counter("tickrisk_ticks_superseded_total", "Accepted ticks older than what was known.") { $0.superseded },
            counter("tickrisk_snapshot_requests_total", "Snapshots asked for.") { $0.snapshotRequests },
            counter("tickrisk_snapshots_total", "Snapshots received whole.") { $0.snapshots },
            counter("tickrisk_snapshot_messages_total", "Messages received in answer to requests.") {
                $0.snapshotMessages
            },
            counter("tickrisk_snapshots_ignored_total", "Snapshot messages of another epoch or older than a gap.") {
                $0.snapshotsIgnored
            },
            MetricFamily(
                .counter, "tickrisk_peers_refused_total", "Handshakes with a key no feed allows.",
                Double(self.gate.refusedCount)),
            byFeed(.gauge, "tickrisk_feed_up", "1 while messages come within silent_after.") { $0.isUp ? 1 : 0 },
            MetricFamily(
                .gauge, "tickrisk_ring_records", "Records waiting for the engine.",
                zip(self.feeds, self.rings).map { .init(["feed": $0.settings.name], Double($1.count)) }),
            MetricFamily(
                .gauge, "tickrisk_ring_records_max", "Most records that waited when the engine came by.",
                zip(self.feeds, self.rings).map { .init(["feed": $0.settings.name], Double($1.highWaterMark)) }),
            MetricFamily(
                .gauge, "tickrisk_ring_capacity_records", "Records a ring holds; more are conflated.",
                zip(self.feeds, self.rings).map { .init(["feed": $0.settings.name], Double($1.capacity)) }),
        ]
    }

    private func engineFamilies() -> [MetricFamily] {
        [
            MetricFamily(
                .counter, "tickrisk_engine_records_total", "Records the engine took from the rings.",
                Double(self.engine.recordCount.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_engine_cuts_total", "Channel cuts made.",
                Double(self.engine.cutCount.load(ordering: .relaxed))),
            MetricFamily(
                "tickrisk_cut_duration_seconds", "Time the engine took to cut all channels that were due.",
                self.engine.cutDurations),
            MetricFamily(
                "tickrisk_tick_to_state_seconds", "From the sending of a cut's newest tick to its state.",
                self.publisher.stateDelays),
            MetricFamily(
                .counter, "tickrisk_engine_turns_total", "Turns of the engine's loop.",
                Double(self.engine.turnCount.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_holding_commands_total", "Positions and accounts the engine was told while it ran.",
                Double(self.book.commandCount.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_engine_rebuilds_total", "Engines that took over because symbols came or went.",
                Double(self.book.rebuildCount.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_engine_rebuild_failures_total", "Engines for which there was no memory.",
                Double(self.book.rebuildFailureCount.load(ordering: .relaxed))),
            MetricFamily(
                .counter, "tickrisk_holdings_ignored_total", "Holdings of accounts or in instruments not in the files.",
                Double(self.book.ignoredCount.load(ordering: .relaxed))),
            MetricFamily(
                .gauge, "tickrisk_kernel_tier", "1 for the instruction-set tier in use.",
                [.init(["tier": self.tier.name], 1)]),
        ]
    }

    private func deskFamilies() -> [MetricFamily] {
        let statistics = self.store.statistics
        let desk = self.orders.status
        return (self.store.link.map(self.linkFamilies) ?? []) + [
            MetricFamily(
                .counter, "tickrisk_store_commits_total", "Transactions made durable.",
                Double(statistics.commitCount)),
            MetricFamily(
                .counter, "tickrisk_store_entries_total", "Entries written or found there.",
                Double(statistics.entryCount)),
            MetricFamily(
                "tickrisk_store_commit_seconds", "From the begin of a transaction to its sync.",
                self.store.commitDurations),
            MetricFamily(
                .gauge, "tickrisk_store_writable", "0 once a write failed: orders stop, risk goes on.",
                self.store.failure == nil && desk.storeFailure == nil ? 1 : 0),
            MetricFamily(
                .counter, "tickrisk_orders_total", "Orders by the status they came to, or why they were refused.",
                self.orders.outcomes.samples.map { .init(["outcome": $0.outcome], Double($0.count)) }),
            MetricFamily(.gauge, "tickrisk_open_orders", "Orders that may still trade.", Double(desk.openOrders)),
            MetricFamily(.gauge, "tickrisk_venue_up", "1 while the venue of orders answers.", desk.isVenueUp ? 1 : 0),
        ]
    }

    private func linkFamilies(_ link: StoreLink) -> [MetricFamily] {
        [
            MetricFamily(
                .gauge, "tickrisk_store_connected",
                "1 while the database server answers and has all that was acknowledged.", link.away == nil ? 1 : 0),
            MetricFamily(
                .gauge, "tickrisk_store_outbox_entries", "Entries acknowledged from this machine's disk alone.",
                Double(link.outboxEntryCount)),
            MetricFamily(
                .gauge, "tickrisk_store_outbox_capacity_entries", "How many of them there may be.",
                Double(link.outboxEntriesMax)),
            MetricFamily(
                .counter, "tickrisk_store_reconnects_total", "Times the database server came back.",
                Double(link.reconnectCount)),
        ]
    }
}
