// SPDX-License-Identifier: Apache-2.0
// A store whose appends can be held, refused, or cut off as by a crash.

import RiskDomain
import RiskStore
import Synchronization

final class GatedStore: DeskStore {
    private struct Gate {
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Thrown by the next appends, one each.
        var errors: [StoreError] = []
        /// Thrown by every append from now on.
        var end: StoreError?
        var appends: [[JournalEntry]] = []
    }

    let inner: SQLiteStore
    private let gate = Mutex(Gate())

    init(_ inner: SQLiteStore) { self.inner = inner }

    /// Entries that were appended, by append.
    var appends: [[JournalEntry]] { self.gate.withLock(\.appends) }
    var waitingCount: Int { self.gate.withLock(\.waiting.count) }

    func hold() { self.gate.withLock { $0.isHeld = true } }

    func release() {
        let waiting = self.gate.withLock { gate in
            gate.isHeld = false
            defer { gate.waiting = [] }
            return gate.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func refuse(_ errors: StoreError...) { self.gate.withLock { $0.errors += errors } }

    /// Nothing is written any more, as if the process had ended here.
    func cut(_ error: StoreError = .failed(reason: "cut")) {
        self.gate.withLock { $0.end = error }
        self.release()
    }

    @discardableResult
    func append(_ entries: [JournalEntry]) async throws(StoreError) -> JournalReceipt {
        await withCheckedContinuation { continuation in
            let passes = self.gate.withLock { gate in
                if gate.isHeld { gate.waiting.append(continuation) }
                return !gate.isHeld
            }
            if passes { continuation.resume() }
        }
        try self.gate.withLock { gate throws(StoreError) in
            if let end = gate.end { throw end }
            if !gate.errors.isEmpty { throw gate.errors.removeFirst() }
        }
        let receipt = try await self.inner.append(entries)
        self.gate.withLock { $0.appends.append(entries) }
        return receipt
    }

    func snapshot(ordersSinceNanoseconds: UInt64) async throws(StoreError) -> DeskSnapshot {
        try await self.inner.snapshot(ordersSinceNanoseconds: ordersSinceNanoseconds)
    }
    func order(id: UInt64) async throws(StoreError) -> Order? { try await self.inner.order(id: id) }
    func order(account: String, clientOrderID: String) async throws(StoreError) -> Order? {
        try await self.inner.order(account: account, clientOrderID: clientOrderID)
    }
    func original(orderID: UInt64) async throws(StoreError) -> Order? {
        try await self.inner.original(orderID: orderID)
    }
    func fill(id: String) async throws(StoreError) -> Fill? { try await self.inner.fill(id: id) }
    func fills(ids: [String]) async throws(StoreError) -> [Fill] { try await self.inner.fills(ids: ids) }
    func streamPositions() async throws(StoreError) -> [StreamPosition] { try await self.inner.streamPositions() }
    func fills(ofOrder orderID: UInt64) async throws(StoreError) -> [Fill] {
        try await self.inner.fills(ofOrder: orderID)
    }
    func orders(_ filter: OrderFilter, page: PageRequest) async throws(StoreError) -> Page<Order> {
        try await self.inner.orders(filter, page: page)
    }
    func fills(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<Fill> {
        try await self.inner.fills(filter, page: page)
    }
    func alerts(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AlertRecord> {
        try await self.inner.alerts(filter, page: page)
    }
    func audit(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AuditEntry> {
        try await self.inner.audit(filter, page: page)
    }
    func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) async throws(StoreError) -> [HistoryInterval] {
        try await self.inner.history(
            account: account, resolution: resolution, fromSeconds: fromSeconds, limit: limit)
    }
}
