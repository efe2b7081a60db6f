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
    private let logger: Logger
    private let book: Mutex<AlertBook>
    /// By channel.
    private let rules: [[LimitRule]]
    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// What waits for the journal, in the order it was found.
    private enum Work {
        case change(AlertRecord)
        case acknowledgement(UInt64, user: String, CheckedContinuation<AlertRecord, any Error>)
    }

    /// Margin levels of every account and the firm, and what the store remembers of alerts that stand.
    public init(
        catalog: ChannelCatalog, sink: any CutSink & EventSink, store: (any DeskStore)?, logger: Logger
    ) async throws(StoreError) {
        self.catalog = catalog
        self.sink = sink
        self.store = store
        self.logger = logger
        var rules = [[LimitRule]](repeating: [], count: catalog.count)
        rules[ChannelCatalog.firm] = LimitRule.margin(of: .firm)
        for (number, account) in catalog.accounts.enumerated() {
            rules[catalog.index(ofAccountNumber: number)] = LimitRule.margin(of: .account(account.id))
        }
        self.rules = rules
        let snapshot = try await store?.snapshot(ordersSinceNanoseconds: WallClock.nowNanoseconds)
        let known = rules.flatMap(\.self)
        let standing = (snapshot?.alerts ?? []).compactMap { record in
            known.first { $0.id == record.rule && $0.scope.account == record.account }.map { Alert(record, rule: $0) }
        }
        self.book = Mutex(AlertBook(standing: standing, lastID: snapshot?.lastAlertID ?? 0))
        (self.work, self.continuation) = AsyncStream.makeStream()
    }

    // MARK: Cuts

    public func isWanted(channel: Int) -> Bool { self.sink.isWanted(channel: channel) }

    public func publish(_ cuts: [ChannelCut]) {
        self.sink.publish(cuts)
        for cut in cuts where !self.rules[cut.channel].isEmpty { self.compare(cut) }
    }

    private func compare(_ cut: ChannelCut) {
        let figures = ChannelFigures(state: cut.state)
        let actions = self.book.withLock { book in
            self.rules[cut.channel].flatMap { rule in
                book.observe(
                    figures.value(of: rule.metric, part: rule.scope.part), of: rule,
                    timeNanoseconds: cut.cutNanoseconds)
            }
        }
        for action in actions { self.take(action, nowNanoseconds: cut.cutNanoseconds) }
    }

    private func take(_ action: AlertAction, nowNanoseconds: UInt64) {
        switch action {
        case .raised(let alert), .resolved(let alert):
            self.continuation.yield(.change(AlertRecord(alert, nowNanoseconds: nowNanoseconds)))
        // The rules of margin tell and do nothing else.
        case .cancelOrders: break
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
                }
            }
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    /// Written down first. Should the alert be resolved meanwhile, that comes after and is the last word.
    private func acknowledge(_ id: UInt64, user: String) async throws -> AlertRecord {
        let now = WallClock.nowNanoseconds
        var trial = self.book.withLock { $0 }
        let record = AlertRecord(try trial.acknowledge(id, user: user, timeNanoseconds: now), nowNanoseconds: now)
        try await self.store?.append([.alert(record)])
        _ = self.book.withLock { book in Result { try book.acknowledge(id, user: user, timeNanoseconds: now) } }
        self.tell(record)
        return record
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
        var json = JSONWriter()
        record.write(to: &json)
        let channel = record.account.map { self.catalog.index(ofAccount: $0)! } ?? ChannelCatalog.firm
        self.sink.publish(event: "alert", data: json.bytes, channel: channel)
    }

    // MARK: People

    /// Alerts that stand, newest first.
    ///
    /// - Parameter account: `nil` for the firm's own.
    public func standing(account: String?) -> [AlertRecord] {
        let now = WallClock.nowNanoseconds
        return self.book.withLock { book in
            book.alerts.filter { $0.rule.scope.account == account }.reversed().map {
                AlertRecord($0, nowNanoseconds: $0.acknowledged?.timeNanoseconds ?? min(now, $0.raisedNanoseconds))
            }
        }
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

    /// Whose alert it is, of those that stand; `nil` where there is none of that number.
    public func scope(ofAlert id: UInt64) -> LimitScope? { self.book.withLock { $0.alert(id)?.rule.scope } }
}

extension LimitScope {
    /// Of an account, what the limit is about.
    fileprivate var part: String? {
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
