// SPDX-License-Identifier: Apache-2.0
// Watches every cut for breached limits; what it finds is written down, then told.

import FrameCodec
import FramePublisher
import Logging
import RiskDomain
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization
import TradeDesk

/// Stands between the publisher and the hub: passes cuts on at once and compares them with the limits.
///
/// Ownership: ``publish(_:)`` on the publisher thread; the book under its lock, which is held for a comparison; the
/// journal and the events by ``run()``, in the order they were found.
public final class AlertDesk: CutSink, Service {
    private let catalog: ChannelCatalog
    private let sink: any CutSink & EventSink
    private let store: (any DeskStore)?
    private let listeners: [any AlertListener]
    private let logger: Logger
    private let watch: Mutex<Watch>
    private let orders = Mutex<(any OrderControl)?>(nil)
    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// What every cut is compared with.
    private struct Watch {
        var book: AlertBook
        /// By account; only of those that have any.
        var limits: [String: [RiskLimit]]
        /// By channel: margin and the limits.
        var rules: [[LimitRule]]
        /// By channel: highest equity of the day.
        var peaks: [Double?]
    }

    /// What waits for the journal, in the order it was found.
    private enum Work {
        case change(AlertRecord)
        case acknowledgement(UInt64, user: String, CheckedContinuation<AlertRecord, any Error>)
        case reset(UInt64, user: String, CheckedContinuation<AlertRecord, any Error>)
        case limits([RiskLimit], account: String, user: String, CheckedContinuation<Void, any Error>)
    }

    /// What differs in one of several desks that share the accounts.
    public struct Part: Sendable {
        /// Numbers of new alerts are above it.
        public var floor: UInt64
        /// Whether the firm is watched here.
        public var hasFirm: Bool

        public static let whole = Part(floor: 0, hasFirm: true)

        public init(floor: UInt64, hasFirm: Bool) {
            self.floor = floor
            self.hasFirm = hasFirm
        }
    }

    /// Margin levels of every account and the firm, limits and alerts that stand as the store remembers them.
    public init(
        catalog: ChannelCatalog, sink: any CutSink & EventSink, store: (any DeskStore)?,
        listeners: [any AlertListener] = [], part: Part = .whole, logger: Logger
    ) async throws(StoreError) {
        self.catalog = catalog
        self.sink = sink
        self.store = store
        self.listeners = listeners
        self.logger = logger
        let snapshot = try await store?.snapshot(ordersSinceNanoseconds: WallClock.nowNanoseconds) ?? DeskSnapshot()
        var limits: [String: [RiskLimit]] = [:]
        for (account, limit) in snapshot.limits.compactMap(RiskLimit.read) {
            limits[account, default: []].append(limit)
        }
        var rules = [[LimitRule]](repeating: [], count: catalog.count)
        if part.hasFirm { rules[ChannelCatalog.firm] = LimitRule.margin(of: .firm) }
        for (number, account) in catalog.accounts.enumerated() {
            rules[catalog.index(ofAccountNumber: number)] = Self.rules(of: account.id, limits[account.id] ?? [])
        }
        let known = rules.flatMap(\.self)
        var standing: [Alert] = []
        var orphans: [AlertRecord] = []
        for record in snapshot.alerts {
            if let rule = known.first(where: { $0.isSubject(of: record) }) {
                standing.append(Alert(record, rule: rule))
            } else {
                orphans.append(record)
            }
        }
        let book = AlertBook(standing: standing, lastID: max(snapshot.lastAlertID, part.floor))
        let peaks = [Double?](repeating: nil, count: catalog.count)
        self.watch = Mutex(Watch(book: book, limits: limits, rules: rules, peaks: peaks))
        (self.work, self.continuation) = AsyncStream.makeStream()
        // Of accounts that are no more, or rules that the version before had.
        for var record in orphans {
            record.state = .resolved
            record.updatedNanoseconds = WallClock.nowNanoseconds
            self.continuation.yield(.change(record))
        }
    }

    private static func rules(of account: String, _ limits: [RiskLimit]) -> [LimitRule] {
        LimitRule.margin(of: .account(account)) + limits.flatMap { $0.rules(account: account) }
    }

    // MARK: Cuts

    public func isWanted(channel: Int) -> Bool { self.sink.isWanted(channel: channel) }

    public func publish(_ cuts: [ChannelCut]) {
        self.sink.publish(cuts)
        for cut in cuts { self.compare(cut) }
    }

    private func compare(_ cut: ChannelCut) {
        let figures = ChannelFigures(state: cut.state)
        let equity = figures.equity
        let rate = self.orderRate(ofChannel: cut.channel)
        let actions = self.watch.withLock { watch in
            if let equity { watch.peaks[cut.channel] = max(watch.peaks[cut.channel] ?? equity, equity) }
            let drawdown = Self.drawdown(equity, peak: watch.peaks[cut.channel])
            return watch.rules[cut.channel].flatMap { rule in
                let value =
                    switch rule.metric {
                    case .orderRate: rate
                    case .drawdown: drawdown
                    default: figures.value(of: rule.metric, part: rule.scope.part)
                    }
                return watch.book.observe(value, of: rule, timeNanoseconds: cut.cutNanoseconds)
            }
        }
        for action in actions { self.take(action, nowNanoseconds: cut.cutNanoseconds) }
    }

    /// Asked only where there is such a limit, and outside the lock: the order desk asks for limits under its own.
    private func orderRate(ofChannel channel: Int) -> Double? {
        guard self.watch.withLock({ $0.rules[channel].contains { $0.metric == .orderRate } }),
            let account = self.account(ofChannel: channel), let orders = self.orders.withLock({ $0 })
        else { return nil }
        return Double(orders.orderRate(of: account))
    }

    /// Percent below the highest equity of the day.
    private static func drawdown(_ equity: Double?, peak: Double?) -> Double? {
        guard let equity, let peak, peak > 0 else { return nil }
        return (peak - equity) / peak * 100
    }

    private func account(ofChannel channel: Int) -> String? {
        let first = self.catalog.index(ofAccountNumber: 0)
        guard channel >= first, channel < first + self.catalog.accounts.count else { return nil }
        return self.catalog.accounts[channel - first].id
    }

    /// The highest equity is that of the day.
    public func beginDay() {
        self.watch.withLock { watch in watch.peaks = watch.peaks.map { _ in nil } }
    }

    private func take(_ action: AlertAction, nowNanoseconds: UInt64) {
        switch action {
        case .raised(let alert), .resolved(let alert):
            self.continuation.yield(.change(AlertRecord(alert, nowNanoseconds: nowNanoseconds)))
        case .cancelOrders(let account):
            self.orders.withLock { $0 }?.cancelOpenOrders(of: account, because: "limit")
        }
    }

    // MARK: Journal, then events

    public func run() async throws {
        let continuation = self.continuation
        await withGracefulShutdownHandler {
            for await work in self.work {
                switch work {
                case .change(let record):
                    await self.journal(record)
                    self.tell(record)
                case .acknowledgement(let id, let user, let answer):
                    do { answer.resume(returning: try await self.acknowledge(id, user: user)) } catch {
                        answer.resume(throwing: error)
                    }
                case .reset(let id, let user, let answer):
                    do { answer.resume(returning: try await self.reset(id, user: user)) } catch {
                        answer.resume(throwing: error)
                    }
                case .limits(let limits, let account, let user, let answer):
                    do { answer.resume(returning: try await self.set(limits, of: account, user: user)) } catch {
                        answer.resume(throwing: error)
                    }
                }
            }
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    /// Written down first. Should the alert be resolved meanwhile, that comes after and is the last word.
    private func acknowledge(_ id: UInt64, user: String) async throws -> AlertRecord {
        let now = WallClock.nowNanoseconds
        var trial = self.watch.withLock(\.book)
        let record = AlertRecord(try trial.acknowledge(id, user: user, timeNanoseconds: now), nowNanoseconds: now)
        try await self.store?.append([.alert(record)])
        _ = self.watch.withLock { watch in
            Result { try watch.book.acknowledge(id, user: user, timeNanoseconds: now) }
        }
        self.tell(record)
        return record
    }

    /// Written down with an audit entry first; trading goes on after that.
    private func reset(_ id: UInt64, user: String) async throws -> AlertRecord {
        let now = WallClock.nowNanoseconds
        var trial = self.watch.withLock(\.book)
        guard case .resolved(let alert) = try trial.reset(id, user: user, timeNanoseconds: now) else {
            throw AlertRefusal.unknownAlert(id)
        }
        let record = AlertRecord(alert, nowNanoseconds: now)
        let audit = AuditEntry(
            timeNanoseconds: now, who: user, what: "alert.reset", account: record.account, subject: "alert:\(id)",
            before: record.rule, after: record.state.rawValue, why: nil)
        try await self.store?.append([.alert(record), .audit(audit)])
        _ = self.watch.withLock { watch in
            Result { try watch.book.reset(id, user: user, timeNanoseconds: now) }
        }
        self.tell(record)
        return record
    }

    /// Written down with an audit entry first. Alerts of limits that are no more are over; one of a limit that has
    /// another level now is raised or resolved by the next cut.
    private func set(_ limits: [RiskLimit], of account: String, user: String) async throws(StoreError) {
        guard let store else { return }
        let now = WallClock.nowNanoseconds
        let before = self.limits(of: account)
        let gone = Set(before.map { $0.id(account: account) }).subtracting(limits.map { $0.id(account: account) })
        var entries = gone.sorted().map { JournalEntry.limitRemoved(id: $0) }
        entries += limits.map { .limit($0.record(account: account, user: user, timeNanoseconds: now)) }
        entries.append(
            .audit(
                AuditEntry(
                    timeNanoseconds: now, who: user, what: "limits.set", account: account, subject: account,
                    before: Self.text(before), after: Self.text(limits), why: nil)))
        try await store.append(entries)
        let actions = self.watch.withLock { watch in
            watch.limits[account] = limits
            watch.rules[self.catalog.index(ofAccount: account)!] = Self.rules(of: account, limits)
            return watch.book.keep(watch.rules.flatMap(\.self), timeNanoseconds: now)
        }
        for action in actions { self.take(action, nowNanoseconds: now) }
    }

    private static func text(_ limits: [RiskLimit]) -> String {
        limits.map { limit in
            let name = limit.metric.rawValue + (limit.part.map { " \($0)" } ?? "")
            let action = limit.action == .none ? "" : " \(limit.action.rawValue)"
            return "\(name): \(limit.soft.map { "\($0)" } ?? "-") \(limit.hard.map { "\($0)" } ?? "-")\(action)"
        }.joined(separator: "; ")
    }

    /// An alert that cannot be written down is told all the same: risk goes on without the store.
    private func journal(_ record: AlertRecord) async {
        guard let store else { return }
        do throws(StoreError) { try await store.append([.alert(record)]) } catch {
            self.logger.error("alert not written down", metadata: ["id": "\(record.id)", "reason": "\(error)"])
        }
    }

    private func tell(_ record: AlertRecord) {
        self.logger.notice(
            "alert \(record.state.rawValue)",
            metadata: [
                "id": "\(record.id)", "account": "\(record.account ?? "firm")", "rule": "\(record.rule)",
                "text": "\(record.text)",
            ])
        for listener in self.listeners { listener.alertChanged(record) }
        var json = JSONWriter()
        record.write(to: &json)
        guard let channel = record.account.map(self.catalog.index(ofAccount:)) ?? ChannelCatalog.firm else { return }
        self.sink.publish(event: "alert", data: json.bytes, channel: channel)
    }

    // MARK: People

    /// Alerts that stand, newest first.
    ///
    /// - Parameter account: `nil` for the firm's own.
    public func standing(account: String?) -> [AlertRecord] {
        let now = WallClock.nowNanoseconds
        return self.watch.withLock { watch in
            watch.book.alerts.filter { $0.rule.scope.account == account }.reversed().map {
                AlertRecord($0, nowNanoseconds: $0.acknowledged?.timeNanoseconds ?? min(now, $0.raisedNanoseconds))
            }
        }
    }

    /// An alert that stands; `nil` for any other.
    public func standing(id: UInt64) -> AlertRecord? {
        let alert = self.watch.withLock { $0.book.alerts.first { $0.id == id } }
        return alert.map { AlertRecord($0, nowNanoseconds: $0.acknowledged?.timeNanoseconds ?? $0.raisedNanoseconds) }
    }

    /// Acknowledges an alert once that is written down.
    ///
    /// - Throws: ``AlertRefusal``, or ``StoreError`` when it could not be written down: then nothing changed.
    public func acknowledge(alert id: UInt64, user: String) async throws -> AlertRecord {
        try await withCheckedThrowingContinuation { answer in
            let result = self.continuation.yield(.acknowledgement(id, user: user, answer))
            if case .terminated = result { answer.resume(throwing: CancellationError()) }
        }
    }

    /// Ends a latched alert, as that of the day's loss, once that is written down.
    ///
    /// - Throws: as ``acknowledge(alert:user:)``.
    public func reset(alert id: UInt64, user: String) async throws -> AlertRecord {
        try await withCheckedThrowingContinuation { answer in
            let result = self.continuation.yield(.reset(id, user: user, answer))
            if case .terminated = result { answer.resume(throwing: CancellationError()) }
        }
    }

    /// What the alerts that stand leave an account.
    public func standing(of account: String) -> AccountStanding {
        self.watch.withLock { $0.book.standing(of: account) }
    }

    /// Whoever cancels orders where a limit says so, and knows how many there are.
    func attach(_ orders: any OrderControl) { self.orders.withLock { $0 = orders } }

    /// The limits of an account, by metric and part.
    public func limits(of account: String) -> [RiskLimit] {
        self.watch.withLock { $0.limits[account] ?? [] }.sorted { $0.id(account: account) < $1.id(account: account) }
    }

    /// The limits of an account beside what they are compared with.
    ///
    /// - Parameter state: what the account shows.
    public func uses(of account: String, in state: ChannelState) -> [LimitUse] {
        let figures = ChannelFigures(state: state)
        return self.uses(of: account, equity: figures.equity, figure: figures.value)
    }

    /// - Parameter figure: of a metric and a part of the account.
    func uses(
        of account: String, equity: Double?, figure: (LimitMetric, String?) -> Double?
    ) -> [LimitUse] {
        self.limits(of: account).map { limit in
            let value: Double? =
                switch limit.metric {
                case .orderRate: self.orders.withLock { $0 }.map { Double($0.orderRate(of: account)) }
                case .drawdown: self.drawdown(of: account, equity: equity)
                default: figure(limit.metric, limit.part)
                }
            return LimitUse(limit: limit, value: value)
        }
    }

    /// Percent an equity is below the highest of the day.
    func drawdown(of account: String, equity: Double?) -> Double? {
        let peak = self.catalog.index(ofAccount: account).flatMap { channel in
            self.watch.withLock { $0.peaks[channel] }
        }
        return Self.drawdown(equity, peak: peak.map { max($0, equity ?? $0) })
    }

    /// Replaces an account's limits once that is written down.
    ///
    /// - Precondition: the account is in the catalog, and the desk has a store.
    /// - Throws: ``StoreError`` when it could not be written down: then nothing changed.
    public func set(limits: [RiskLimit], of account: String, user: String) async throws {
        precondition(self.store != nil && self.catalog.index(ofAccount: account) != nil)
        try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Void, any Error>) in
            let result = self.continuation.yield(.limits(limits, account: account, user: user, answer))
            if case .terminated = result { answer.resume(throwing: CancellationError()) }
        }
    }
}

extension LimitRule {
    /// Whether an alert the store remembers is about it.
    fileprivate func isSubject(of record: AlertRecord) -> Bool {
        self.id + (self.scope.part.map { "/\($0)" } ?? "") == record.rule && self.scope.account == record.account
    }
}

extension LimitScope {
    /// Of an account, what the limit is about.
    var part: String? {
        if case .part(_, let name) = self { return name }
        return nil
    }
}

extension Alert {
    /// What the store remembers of an alert that stands.
    fileprivate init(_ record: AlertRecord, rule: LimitRule) {
        self.init(
            id: record.id, rule: rule, value: rule.threshold, raisedNanoseconds: record.raisedNanoseconds,
            acknowledged: record.acknowledgedBy.map {
                Signature(user: $0, timeNanoseconds: record.updatedNanoseconds)
            })
    }
}
