// SPDX-License-Identifier: Apache-2.0
// Appends that wait for the disk.

/// What waits, what came out, and whether anything may still come. Pure; a store holds it under a lock.
package struct CommitQueue: Sendable {
    package struct Batch: Sendable {
        package var entries: [JournalEntry]
        package var answer: CheckedContinuation<Result<JournalReceipt, StoreError>, Never>

        package init(
            entries: [JournalEntry], answer: CheckedContinuation<Result<JournalReceipt, StoreError>, Never>
        ) {
            self.entries = entries
            self.answer = answer
        }
    }

    package enum Admission {
        /// The writer must be started.
        case first
        /// It will come by.
        case queued
        case refused(StoreError)
    }

    /// At the last acknowledged commit.
    package var heads: ChainHeads
    package var refusal: StoreError?
    package var statistics = StoreStatistics()
    package var entriesSinceCheckpoint = 0
    private var waiting: [Batch] = []
    private var waitingEntryCount = 0
    private var isWriterBusy = false

    package init(heads: ChainHeads) { self.heads = heads }

    package mutating func add(_ batch: Batch, entriesMax: Int) -> Admission {
        if let refusal = self.refusal { return .refused(refusal) }
        guard self.waitingEntryCount + batch.entries.count <= entriesMax else {
            return .refused(.queueFull(limit: entriesMax))
        }
        self.waiting.append(batch)
        self.waitingEntryCount += batch.entries.count
        guard !self.isWriterBusy else { return .queued }
        self.isWriterBusy = true
        return .first
    }

    /// The oldest batches, at least one if any waits, up to a number of entries. Empty ends the writer's turn.
    package mutating func take(entriesMax: Int) -> [Batch] {
        var taken: [Batch] = []
        var count = 0
        for batch in self.waiting {
            guard taken.isEmpty || count + batch.entries.count <= entriesMax else { break }
            taken.append(batch)
            count += batch.entries.count
        }
        self.waiting.removeFirst(taken.count)
        self.waitingEntryCount -= count
        self.isWriterBusy = !taken.isEmpty
        return taken
    }

    /// Refuses everything from now on.
    /// - Returns: what waited.
    package mutating func fail(_ error: StoreError) -> [Batch] {
        self.refusal = error
        self.waitingEntryCount = 0
        defer { self.waiting = [] }
        return self.waiting
    }
}
