// SPDX-License-Identifier: Apache-2.0
// The order desk: nothing reaches a venue, and nothing is answered, before the journal has it.

import FrameCodec
import FramePublisher
import Logging
import RiskDomain
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization
import TradeDesk

/// Orders, positions and kill switches of all accounts.
///
/// ```
///  request ─► decide, under the lock ─► journal, in that order ─► answer, events, holdings, venue
///                    ▲                                                              │
///                    └───────────────────────────── reports ◄───────────────────────┘
/// ```
///
/// What is decided counts for the next decision at once; what is not written down is shown to nobody, and is undone
/// where the journal refuses it. Lists and lookups are the store's.
///
/// Ownership: the state under its lock, held for one decision, never while something is waited for or the venue is
/// called; what follows from a decision on the one task of the journal, in the order of decisions.
public final class OrderDesk: Service, OrderControl {
    /// The engine ends its day first: what it then learns from here is of the new one.
    private static let rollPauseNanoseconds: UInt64 = 250_000_000

    /// What a reload replaces.
    private struct Terms: Sendable {
        var settings: DeskSettings
        var inputs: RiskInputs
    }

    private let terms: Mutex<Terms>
    /// Statuses orders came to, and refusals.
    public let outcomes = OrderOutcomes()
    let accounts: [String: Account]
    let catalog: ChannelCatalog
    let cuts: any CutSource
    let events: any EventSink
    let sink: any HoldingsSink
    let alerts: AlertDesk
    let venue: any Venue
    let store: any DeskStore
    let preview: (any RiskPreview)?
    let nextRoll: @Sendable (UInt64) -> UInt64
    let now: @Sendable () -> UInt64
    let logger: Logger
    let journal: DeskJournal
    let state: Mutex<DeskState>
    /// Stands before identifiers the desk gives, so that those of two processes differ.
    let prefix: String

    /// - Parameters:
    ///   - preview: `nil` denies orders of accounts with limits on VaR or expected shortfall.
    ///   - nextRoll: when the day that runs at a time ends.
    public init(
        opening: DeskOpening, catalog: ChannelCatalog, cuts: any CutSource, events: any EventSink,
        holdings: any HoldingsSink, alerts: AlertDesk, venue: any Venue, store: any DeskStore,
        preview: (any RiskPreview)?, settings: DeskSettings, nextRoll: @escaping @Sendable (UInt64) -> UInt64,
        logger: Logger, now: @escaping @Sendable () -> UInt64 = { WallClock.nowNanoseconds }
    ) {
        self.terms = Mutex(Terms(settings: settings, inputs: opening.inputs))
        self.accounts = Dictionary(opening.inputs.accounts.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.catalog = catalog
        self.cuts = cuts
        self.events = events
        self.sink = holdings
        self.alerts = alerts
        self.venue = venue
        self.store = store
        self.preview = preview
        self.nextRoll = nextRoll
        self.now = now
        self.logger = logger
        self.journal = DeskJournal(store: store)
        self.state = Mutex(DeskState(opening, settings: settings))
        self.prefix = "D\(now())-"
        alerts.attach(self)
    }

    var settings: DeskSettings { self.terms.withLock { $0.settings } }

    var inputs: RiskInputs { self.terms.withLock { $0.inputs } }

    /// From now on orders have to keep to these; what rests already stays.
    public func follow(_ settings: DeskSettings) {
        self.terms.withLock { $0.settings = settings }
        self.state.withLock { $0.rate.limit = settings.ordersPerMinute }
    }

    /// From now on orders are judged by these inputs, which are of the same accounts.
    public func follow(_ inputs: RiskInputs) {
        self.terms.withLock { $0.inputs = inputs }
        self.state.withLock { state in
            state.book.follow(inputs.instruments)
            state.leaving = []
        }
    }

    // MARK: Life

    /// Gives the engine what is held, the venue what is open, and takes orders from then on.
    public func start() async {
        let (open, holdings) = self.state.withLock { state in
            let open = state.ledger.openIDs
            for id in open { _ = state.ledger.apply(state.event(.disconnected, 0), to: id) }
            let restored = open.compactMap { id -> Order? in
                guard let life = state.ledger.life(id), var order = state.written[id] else { return nil }
                if let reservation = self.estimate(order.request, &state) {
                    state.ledger.reserve(reservation, for: id)
                }
                order.filledQuantity = life.executedQuantity
                return order
            }
            return (restored, self.accounts.keys.sorted().flatMap { state.holdings($0, symbols: nil) })
        }
        self.sink.take(holdings)
        self.venue.restore(open)
        self.venue.start({ self.receive($0) }, onLink: { self.linkChanged(isUp: $0) })
        if await !self.reconcile() { self.state.withLock { self.writeUnknown(&$0) } }
        self.state.withLock { if $0.phase == .starting { $0.phase = .open } }
        await self.journal.settle()
    }

    /// Ends the day when it is over and asks the venue about orders whose fate is unknown.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                let now = self.now()
                let roll = self.nextRoll(self.state.withLock(\.rolledNanoseconds))
                let due = roll + min(Self.rollPauseNanoseconds, .max - roll)
                if due <= now {
                    self.rollDay(atNanoseconds: roll)
                    continue
                }
                try await Task.sleep(for: .nanoseconds(min(due - now, 1_000_000_000)))
                if self.state.withLock(\.hasUnknownOrders) { _ = await self.reconcile() }
            }
        }
        await self.stop()
    }

    /// No order is taken any more; what was decided is written down.
    public func stop() async {
        self.state.withLock { $0.phase = .stopping }
        await self.journal.settle()
        await self.venue.stop()
        await self.journal.settle()
    }

    /// For tests: everything decided so far was written down or refused.
    package func settle() async { await self.journal.settle() }

    public var status: DeskStatus {
        self.state.withLock { state in
            DeskStatus(
                isOpen: state.phase == .open, isVenueUp: state.isVenueUp, storeFailure: state.storeFailure,
                openOrders: state.ledger.openCount)
        }
    }

    // MARK: Journal, then what follows

    /// Under the lock: puts a decision into the journal.
    func write(
        _ entries: [JournalEntry], about orderID: UInt64? = nil, accepts: Bool = false, hasHappened: Bool = false,
        effects: DeskEffects, answer: (@Sendable (StoreError?) -> Void)? = nil
    ) {
        self.journal.add(
            JournalUnit(entries: entries, orderID: orderID, accepts: accepts, hasHappened: hasHappened) { error in
                if let error {
                    self.undo(error, orderID, accepts: accepts, hasHappened: hasHappened, effects)
                } else {
                    self.follow(effects)
                }
                answer?(error)
            })
    }

    private func follow(_ effects: DeskEffects) {
        let waiting = self.state.withLock { state in
            effects.orders.flatMap { order in
                if state.written[order.id]?.status != order.status { self.outcomes.count(order.status.rawValue) }
                state.written[order.id] = order
                return state.waiting.removeValue(forKey: order.id) ?? []
            }
        }
        if !effects.holdings.isEmpty { self.sink.take(effects.holdings) }
        for order in effects.orders { self.tell("order", order.request.account, order.write) }
        for fill in effects.fills { self.tell("fill", fill.account, fill.write) }
        if let kill = effects.kill { self.tell(kill) }
        if !effects.commands.isEmpty { self.send(effects.commands) }
        for retry in waiting { retry() }
    }

    private func send(_ commands: [VenueCommand]) {
        self.venue.send(commands)
        self.state.withLock { state in
            for case .new(let id, _) in commands { state.unsent.remove(id) }
        }
    }

    private func tell(_ kind: String, _ account: String, _ write: (inout JSONWriter) -> Void) {
        guard let channel = self.catalog.index(ofAccount: account) else { return }
        var json = JSONWriter()
        write(&json)
        self.events.publish(event: kind, data: json.bytes, channel: channel)
    }

    private func tell(_ kill: KillSwitch) {
        var json = JSONWriter()
        kill.write(to: &json)
        let channels: [Int]
        if let account = kill.account {
            channels = self.catalog.index(ofAccount: account).map { [$0] } ?? []
        } else {
            channels = [ChannelCatalog.firm] + self.catalog.accounts.indices.map(self.catalog.index(ofAccountNumber:))
        }
        for channel in channels { self.events.publish(event: "kill_switch", data: json.bytes, channel: channel) }
    }

    /// What was refused has not happened. What has happened and is refused leaves memory and journal apart: then
    /// orders stop until the next start, which believes the journal.
    private func undo(
        _ error: StoreError, _ orderID: UInt64?, accepts: Bool, hasHappened: Bool, _ effects: DeskEffects
    ) {
        let waiting = self.state.withLock { state -> [@Sendable () -> Void] in
            // Nothing has happened to an order whose acceptance was refused.
            let isGone = orderID.map { state.ledger.order($0) == nil } ?? false
            if (hasHappened && !isGone) || error.isFinal, state.storeFailure == nil {
                state.storeFailure = error
                self.logger.critical("the journal failed, no orders are taken", metadata: ["reason": "\(error)"])
            }
            guard accepts, let orderID, let order = state.ledger.order(orderID) else { return [] }
            state.unsent.remove(orderID)
            state.ledger.withdraw(orderID)
            state.rate.withdraw(
                account: order.request.account, user: order.user, timeNanoseconds: order.createdNanoseconds)
            return state.waiting.removeValue(forKey: orderID) ?? []
        }
        if effects.isUrgent, !effects.commands.isEmpty { self.send(effects.commands) }
        for retry in waiting { retry() }
    }
}

/// For readiness and metrics.
public struct DeskStatus: Sendable, Equatable {
    public var isOpen: Bool
    public var isVenueUp: Bool
    /// Why no orders are taken, or `nil`.
    public var storeFailure: StoreError?
    public var openOrders: Int
}

extension StoreError {
    /// Whether the store accepts nothing more.
    var isFinal: Bool {
        switch self {
        case .failed, .closed: true
        default: false
        }
    }
}
