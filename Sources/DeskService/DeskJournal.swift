// SPDX-License-Identifier: Apache-2.0
// Writes down what the desk decided, in the order it was decided, many decisions with one sync.

import RiskStore
import Synchronization

/// One decision: what is written down together or not at all, and what follows.
struct JournalUnit: Sendable {
    var entries: [JournalEntry]
    /// The order it is about.
    var orderID: UInt64?
    /// Whether it is the first about that order: if it is refused, so is whatever follows about it.
    var accepts = false
    /// Whether it has happened already, so that a full queue is waited for.
    var hasHappened = false
    /// Called once, after those of all units before.
    var completion: @Sendable (StoreError?) -> Void
}

/// A queue before the store. Units that wait while the disk is busy become one append; if the store refuses that, each
/// is tried alone, so that a refusal hits nobody else.
///
/// Ownership: ``add(_:)`` by whoever holds the desk's lock, which makes the order of decisions that of the journal;
/// completions on the one task that writes.
final class DeskJournal: Sendable {
    private static let unitsMax = 512
    private static let retryPause = Duration.milliseconds(5)

    private struct Queue {
        var waiting: [JournalUnit] = []
        var isWriting = false
    }

    private let store: any DeskStore
    private let queue = Mutex(Queue())

    init(store: any DeskStore) { self.store = store }

    var waitingCount: Int { self.queue.withLock { $0.waiting.count } }

    func add(_ unit: JournalUnit) {
        let isFirst = self.queue.withLock { queue in
            queue.waiting.append(unit)
            defer { queue.isWriting = true }
            return !queue.isWriting
        }
        if isFirst { Task { await self.write() } }
    }

    /// Returns when everything added before was answered.
    func settle() async {
        await withCheckedContinuation { continuation in
            self.add(JournalUnit(entries: []) { _ in continuation.resume() })
        }
    }

    private func write() async {
        /// Orders whose acceptance was refused, with why; nothing about them can follow once nothing waits.
        var refused: [UInt64: StoreError] = [:]
        while true {
            let units = self.queue.withLock { queue in
                let units = Array(queue.waiting.prefix(Self.unitsMax))
                queue.waiting.removeFirst(units.count)
                queue.isWriting = !units.isEmpty
                return units
            }
            guard !units.isEmpty else { return }
            let isPlain = units.allSatisfy { $0.orderID.map { refused[$0] == nil } ?? true }
            if units.count > 1, isPlain, await self.append(units.flatMap(\.entries)) == nil {
                for unit in units { unit.completion(nil) }
                continue
            }
            for unit in units { await self.write(unit, &refused) }
        }
    }

    private func write(_ unit: JournalUnit, _ refused: inout [UInt64: StoreError]) async {
        var error = unit.orderID.flatMap { refused[$0] }
        if error == nil { error = await self.append(unit.entries) }
        while let passing = error, passing.isPassing, unit.hasHappened {
            try? await Task.sleep(for: Self.retryPause)
            error = await self.append(unit.entries)
        }
        if let error, unit.accepts, let id = unit.orderID { refused[id] = error }
        unit.completion(error)
    }

    private func append(_ entries: [JournalEntry]) async -> StoreError? {
        if entries.isEmpty { return nil }
        do throws(StoreError) {
            try await self.store.append(entries)
            return nil
        } catch {
            return error
        }
    }
}
