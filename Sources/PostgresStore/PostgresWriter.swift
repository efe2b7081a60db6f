// SPDX-License-Identifier: Apache-2.0
// The one writer: decides, commits on the server or into the outbox, and brings the outbox to a server that is back.

import Dispatch
import Operations
import RiskDomain
import RiskStore
import Synchronization

/// Ownership: everything that changes belongs to `thread`, a serial queue; the reconnecting queue only makes sessions
/// and hands them over.
final class PostgresWriter: @unchecked Sendable {
    static let groupEntriesMax = 2_048
    private static let headsEvery = Duration.seconds(1)

    private enum Link {
        case up(WriterSession)
        case away(reason: String)
    }

    private let settings: PostgresStore.Settings
    private let directory: StoreDirectory
    private let shared: WriterShared
    private let thread = DispatchQueue(label: "store-writer")
    private let reconnector: Reconnector

    private let identity: String
    private let writer: Int64
    private let workingSet: WorkingSet
    private let outbox: Outbox
    private var link: Link
    /// Connected again, and bringing it the outbox.
    private var draining: WriterSession?
    /// Where the chains end with everything acknowledged; and with what the server is known to have.
    private var heads: ChainHeads
    private var serverHeads: ChainHeads
    private var partitions: HistoryPartitions
    private var headsSaved = ContinuousClock.now
    private var isClosed = false

    init(
        _ settings: PostgresStore.Settings, start: PostgresStart, outbox: Outbox, directory: StoreDirectory,
        shared: WriterShared
    ) {
        self.settings = settings
        self.directory = directory
        self.shared = shared
        self.reconnector = Reconnector(settings, identity: start.identity, writer: start.writer)
        self.identity = start.identity
        self.writer = start.writer
        self.workingSet = start.workingSet
        self.outbox = outbox
        self.link = .up(start.session)
        self.heads = start.heads
        self.serverHeads = start.heads
        self.partitions = start.partitions
    }

    /// Something waits.
    func wake() { self.thread.async { self.work() } }

    /// What memory knows.
    func remembered<Value: Sendable>(
        _ look: @escaping @Sendable (WorkingSet) throws -> WorkingSet.Memory<Value>
    ) async -> WorkingSet.Memory<Value> {
        await withCheckedContinuation { continuation in
            self.thread.async { continuation.resume(returning: (try? look(self.workingSet)) ?? .elsewhere) }
        }
    }

    /// After what waited.
    func close() async {
        self.reconnector.stop()
        await withCheckedContinuation { continuation in
            self.thread.async {
                self.isClosed = true
                self.draining?.connection.close()
                if case .up(let session) = self.link {
                    session.connection.close()
                    try? WriterHeads(identity: self.identity, heads: self.serverHeads).save(self.directory)
                }
                continuation.resume()
            }
        }
    }

    private func work() {
        while true {
            let group = self.shared.state.withLock { $0.take(entriesMax: Self.groupEntriesMax) }
            guard !group.isEmpty else { return }
            let begin = ContinuousClock.now
            let results: [Result<JournalReceipt, StoreError>]
            do {
                results = try self.commit(group)
                self.shared.commitDurations.observe(
                    nanoseconds: UInt64(max(0, (ContinuousClock.now - begin) / .nanoseconds(1))))
            } catch {
                return self.stop(error, answering: group)
            }
            for (batch, result) in zip(group, results) { batch.answer.resume(returning: result) }
            do { try self.afterCommit() } catch { return self.stop(error, answering: []) }
        }
    }

    private func afterCommit() throws {
        guard case .up = self.link else { return }
        try self.workingSet.pruneIfLarge()
        guard ContinuousClock.now - self.headsSaved >= Self.headsEvery else { return }
        try WriterHeads(identity: self.identity, heads: self.serverHeads).save(self.directory)
        self.headsSaved = .now
    }

    /// Nothing after this is accepted.
    private func stop(_ error: any Error, answering group: [CommitQueue.Batch]) {
        let failure = StoreError.failed(reason: "\(error)")
        let waiting = self.shared.state.withLock { $0.fail(failure) }
        self.reconnector.stop()
        for batch in group + waiting { batch.answer.resume(returning: .failure(failure)) }
        self.shared.notice("the store stopped: \(error)")
    }

    // MARK: Committing

    private func commit(_ group: [CommitQueue.Batch]) throws -> [Result<JournalReceipt, StoreError>] {
        let refusals = try self.refusals(of: group.map(\.entries))
        let taken = group.indices.filter { refusals[$0] == nil }
        let decision = try self.workingSet.decide(taken.map { group[$0].entries }, heads: self.heads)
        var results = refusals.map { $0.map { Result<JournalReceipt, StoreError>.failure($0) } }
        for (index, result) in zip(taken, decision.results) { results[index] = result }
        let entryCount = taken.reduce(0) { $0 + group[$1].entries.count }
        if !decision.writes.isEmpty {
            var heads = decision.heads
            heads.commits += 1
            try self.write(OutboxRecord(heads: heads, entryCount: entryCount, writes: decision.writes))
        }
        let written = self.heads
        self.shared.state.withLock { queue in
            queue.heads = written
            queue.statistics.commitCount += decision.writes.isEmpty ? 0 : 1
            queue.statistics.entryCount += entryCount
        }
        return results.compactMap { $0 }
    }

    /// Why batches cannot be decided now: what they are about is on the server alone, or the outbox is full.
    private func refusals(of batches: [[JournalEntry]]) throws -> [StoreError?] {
        var room = self.settings.outboxEntriesMax - self.outbox.entryCount
        return try batches.map { entries in
            let need = try self.workingSet.need(of: entries)
            if case .up(let session) = self.link, !need.isEmpty {
                do {
                    try self.workingSet.fetch(need, from: PostgresRows(connection: session.connection))
                } catch let error as PostgresError where error.isPassing {
                    try self.leave(session, error)
                }
            }
            guard case .away(let reason) = self.link else { return nil }
            if !(try self.workingSet.need(of: entries).isEmpty) { return .away(reason: reason) }
            if let fact = try self.lack(of: room, for: entries) { return .away(reason: "\(reason); \(fact)") }
            room -= entries.count
            return nil
        }
    }

    /// Why entries do not go into what is left of the outbox, or `nil`. What has happened goes in until it is full; new
    /// orders leave a quarter for what happens to those there are, and history, a point an account and second, a half.
    private func lack(of room: Int, for entries: [JournalEntry]) throws -> String? {
        let limit = self.settings.outboxEntriesMax
        guard limit > 0 else { return "there is no outbox" }
        guard entries.count <= room else { return "the outbox holds \(limit) entries and is full" }
        if room < limit / 2, entries.allSatisfy(\.isHistory) { return "the rest of the outbox is kept for orders" }
        guard room < limit / 4 else { return nil }
        let isNew = try entries.contains { entry in
            guard case .order(let order) = entry, case .known(nil) = try self.workingSet.order(id: order.id) else {
                return false
            }
            return true
        }
        return isNew ? "the outbox is nearly full, and its rest is kept for orders that were accepted" : nil
    }

    /// On the server, or where it does not answer, in the outbox.
    private func write(_ record: OutboxRecord) throws {
        if case .up(let session) = self.link {
            do {
                try session.commit(
                    record.writes, commits: (self.heads.commits, record.heads.commits), writer: self.writer,
                    partitions: &self.partitions)
                self.heads = record.heads
                self.serverHeads = record.heads
                return
            } catch let error as PostgresError {
                guard !error.isFenced else { throw self.fenced() }
                guard error.isPassing else { throw error }
                guard self.settings.outboxEntriesMax > 0 else {
                    throw StoreError.refused(
                        reason: "the database server went away and may have the last entries: \(error)")
                }
                // Whether the server has it is found when it is back.
                try self.leave(session, error)
            }
        }
        try self.outbox.append(record)
        self.heads = record.heads
        self.tell()
    }

    private func fenced() -> StoreError { .refused(reason: "another daemon has taken the database over") }

    // MARK: Away and back

    private func leave(_ session: WriterSession, _ error: PostgresError) throws {
        session.connection.close()
        try self.outbox.begin(Outbox.Base(identity: self.identity, writer: self.writer, heads: self.heads))
        self.link = .away(reason: error.message)
        self.tell()
        self.shared.notice("the database server is away: \(error); entries go into the outbox")
        self.reconnect()
    }

    private func reconnect() {
        self.reconnector.start { outcome in self.thread.async { self.arrive(outcome) } }
    }

    private func arrive(_ outcome: Result<(WriterSession, ServerState), StoreError>) {
        guard !self.isClosed else { return }
        do {
            let (session, server) = try outcome.get()
            let applied = try self.outbox.appliedCount(on: server)
            if applied > 0 { self.serverHeads = self.outbox.records[applied - 1].heads }
            try self.outbox.drop(applied)
            self.draining = session
            self.partitions = HistoryPartitions()
            self.drain()
        } catch {
            self.stop(error, answering: [])
        }
    }

    /// Brings one group of records; between groups, what waits is taken into the outbox.
    private func drain() {
        guard !self.isClosed, let session = self.draining else { return }
        do {
            guard !self.outbox.records.isEmpty else { return self.resume(on: session) }
            var count = 0
            var writes: [StoredWrite] = []
            while count < self.outbox.records.count, count == 0 || writes.count < Self.groupEntriesMax {
                writes += self.outbox.records[count].writes
                count += 1
            }
            let after = self.outbox.records[count - 1].heads
            do {
                try session.commit(
                    writes, commits: (self.serverHeads.commits, after.commits), writer: self.writer,
                    partitions: &self.partitions)
            } catch let error as PostgresError {
                guard !error.isFenced else { throw self.fenced() }
                guard error.isPassing else { throw error }
                session.connection.close()
                self.draining = nil
                return self.reconnect()
            }
            self.serverHeads = after
            try self.outbox.drop(count)
            self.tell()
            self.thread.async { self.drain() }
        } catch {
            self.stop(error, answering: [])
        }
    }

    private func resume(on session: WriterSession) {
        self.draining = nil
        self.link = .up(session)
        self.shared.link.withLock { $0.reconnectCount += 1 }
        self.tell()
        self.shared.notice("the database server is back and has everything that was acknowledged")
    }

    private func tell() {
        self.shared.link.withLock { link in
            link.outboxEntryCount = self.outbox.entryCount
            if case .away(let reason) = self.link { link.away = reason } else { link.away = nil }
        }
    }
}

extension JournalEntry {
    fileprivate var isHistory: Bool {
        switch self {
        case .history, .historyTrimmed: true
        default: false
        }
    }
}
