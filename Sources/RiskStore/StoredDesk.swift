// SPDX-License-Identifier: Apache-2.0
// A store that is a database: its readings, and what its owner asks of it.

import Operations
import RiskDomain

/// A ``DeskStore`` of this process, with what whoever opened it needs besides the desk.
public protocol StoredDesk: DeskStore {
    /// Runs on a reader; all of `body` sees one moment.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StoreRows) throws -> Value
    ) async throws(StoreError) -> Value

    /// Verifies all chains as at start, and the database's structure besides, while the store works.
    /// - Returns: rows of each chained table.
    @discardableResult
    func verify() async throws(StoreError) -> [String: Int64]

    /// Writes what waits, refuses what comes, and lets another instance in.
    func close() async throws(StoreError)

    /// Work so far.
    var statistics: StoreStatistics { get }
    /// From the begin of a transaction to its sync.
    var commitDurations: DurationHistogram { get }
    /// Why it accepts nothing more, or `nil`.
    var failure: StoreError? { get }
    /// How the server of the database does; `nil` where there is none.
    var link: StoreLink? { get }
    /// Of this store and no other, for ever.
    var identity: String { get }
    /// How often it was opened to be written, this time included: whoever has a smaller number writes no more.
    var generation: Int64 { get }
}

/// A database server as its client sees it.
public struct StoreLink: Sendable, Equatable {
    /// Why nothing reaches the server, or `nil` while it answers and has all that was acknowledged.
    public var away: String?
    /// Entries acknowledged from this machine's disk alone.
    public var outboxEntryCount = 0
    /// How many of them there may be; then nothing is taken.
    public var outboxEntriesMax: Int
    /// Connections that replaced one that was lost.
    public var reconnectCount = 0

    public init(outboxEntriesMax: Int) { self.outboxEntriesMax = outboxEntriesMax }
}

extension StoredDesk {
    public func snapshot(ordersSinceNanoseconds: UInt64) async throws(StoreError) -> DeskSnapshot {
        let since = Int64(clamping: ordersSinceNanoseconds)
        return try await self.read { try $0.snapshot(ordersSinceNanoseconds: since) }
    }

    public func order(id: UInt64) async throws(StoreError) -> Order? {
        try await self.read { try $0.order(id: id) }
    }

    public func order(account: String, clientOrderID: String) async throws(StoreError) -> Order? {
        try await self.read { try $0.order(account: account, clientOrderID: clientOrderID) }
    }

    public func original(orderID: UInt64) async throws(StoreError) -> Order? {
        try await self.read { try $0.original(orderID: orderID) }
    }

    public func fill(id: String) async throws(StoreError) -> Fill? {
        try await self.read { try $0.fill(id: id) }
    }

    public func fills(ofOrder orderID: UInt64) async throws(StoreError) -> [Fill] {
        try await self.read { try $0.fills(ofOrder: orderID) }
    }

    public func fills(ids: [String]) async throws(StoreError) -> [Fill] {
        try await self.read { try $0.fills(ids: ids) }
    }

    public func streamPositions() async throws(StoreError) -> [StreamPosition] {
        try await self.read { try $0.streamPositions() }
    }

    public func orders(_ filter: OrderFilter, page: PageRequest) async throws(StoreError) -> Page<Order> {
        try await self.read { try $0.orders(filter, page: page) }
    }

    public func fills(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<Fill> {
        try await self.read { try $0.fills(filter, page: page) }
    }

    public func alerts(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AlertRecord> {
        try await self.read { try $0.alerts(filter, page: page) }
    }

    public func audit(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AuditEntry> {
        try await self.read { try $0.audit(filter, page: page) }
    }

    public func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) async throws(StoreError) -> [HistoryInterval] {
        try await self.read {
            try $0.history(account: account, resolution: resolution, fromSeconds: fromSeconds, limit: limit)
        }
    }
}
