// SPDX-License-Identifier: Apache-2.0
// Writing: groups of appends, each one transaction and one sync.

import GRDB
import Operations
import Synchronization

extension SQLiteStore {
    @discardableResult
    public func append(_ entries: [JournalEntry]) async throws(StoreError) -> JournalReceipt {
        let result: Result<JournalReceipt, StoreError> = await withCheckedContinuation { continuation in
            let batch = CommitQueue.Batch(entries: entries, answer: continuation)
            switch self.queue.withLock({ $0.add(batch, entriesMax: Self.queueEntriesMax) }) {
            case .first: self.pool.asyncWriteWithoutTransaction { self.write($0) }
            case .queued: break
            case .refused(let error): continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// On the writer queue, until nothing waits.
    private func write(_ database: Database) {
        while true {
            let group = self.queue.withLock { $0.take(entriesMax: Self.groupEntriesMax) }
            guard !group.isEmpty else { return }
            let results: [Result<JournalReceipt, StoreError>]
            let begin = ContinuousClock.now
            do {
                results = try self.commit(group, database)
                self.commitDurations.observe(
                    nanoseconds: UInt64(max(0, (ContinuousClock.now - begin) / .nanoseconds(1))))
            } catch {
                return self.stop(error, answering: group, database)
            }
            for (batch, result) in zip(group, results) { batch.answer.resume(returning: result) }
            do {
                try self.checkpointIfDue(database)
            } catch {
                return self.stop(error, answering: [], database)
            }
        }
    }

    /// One transaction for the group. A batch that is refused is taken back alone.
    private func commit(
        _ group: [CommitQueue.Batch], _ database: Database
    ) throws -> [Result<JournalReceipt, StoreError>] {
        var heads = self.queue.withLock(\.heads)
        try database.beginTransaction(.immediate)
        let results = try GroupDecision.decide(
            group.map(\.entries), in: SQLiteRows(database: database), heads: &heads)
        heads.commits += 1
        try database.cachedStatement(sql: "UPDATE store SET commits = ? WHERE id = 1")
            .execute(arguments: [heads.commits])
        try database.commit()
        try self.directory.saveHeads(heads)
        let written = heads
        let entryCount = group.reduce(0) { $0 + $1.entries.count }
        self.queue.withLock { queue in
            queue.heads = written
            queue.statistics.commitCount += 1
            queue.statistics.entryCount += entryCount
            queue.entriesSinceCheckpoint += entryCount
        }
        return results
    }

    /// Readers are not waited for: what they still need stays in the log until a later turn.
    private func checkpointIfDue(_ database: Database) throws {
        guard self.queue.withLock({ $0.entriesSinceCheckpoint >= Self.checkpointEntries }) else { return }
        _ = try database.checkpoint(.passive)
        self.queue.withLock { queue in
            queue.entriesSinceCheckpoint = 0
            queue.statistics.checkpointCount += 1
        }
    }

    /// Nothing after this reaches the disk.
    private func stop(_ error: any Error, answering group: [CommitQueue.Batch], _ database: Database) {
        let failure = StoreError.failed(reason: "\(error)")
        let waiting = self.queue.withLock { $0.fail(failure) }
        self.abandon()
        if database.isInsideTransaction { try? database.rollback() }
        for batch in group + waiting { batch.answer.resume(returning: .failure(failure)) }
    }
}
