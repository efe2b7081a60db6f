// SPDX-License-Identifier: Apache-2.0
// The store on PostgreSQL: one writer that commits in groups, and goes on while the server is away.

import Dispatch
import Operations
import RiskDomain
import RiskStore
import Synchronization

/// A ``DeskStore`` in a schema of a PostgreSQL database, with a directory of this machine for the time the server is
/// away.
///
/// - The rules of the journal are decided here, in memory (``WorkingSet``); the server gets what was decided, a group
///   in one transaction and one round trip. It answers after its own sync (`synchronous_commit`).
/// - One session writes. It holds an advisory lock, and every transaction checks in the database that nobody has taken
///   over since.
/// - While the server is away, appends are acknowledged from the ``Outbox``, up to a number of entries, and go there in
///   their order when it is back. Whether a transaction that was on its way arrived is found by looking.
/// - Readings go to the same server on connections of their own; those that need it fail while it is away.
///
/// May be used from any task. Opening blocks for as long as reading everything takes.
public final class PostgresStore: StoredDesk {
    public static let queueEntriesMax = 16_384

    public struct Settings: Sendable {
        public var parameters: ConnectionParameters
        public var schema: SchemaName
        /// Of this machine and this store, as for ``SQLiteStore``.
        public var directory: String
        /// For each statement and each connection, at least 100.
        public var timeoutMilliseconds: Int
        /// Entries acknowledged while the server is away; then nothing is taken. 0 for none, where whoever follows
        /// may do so on another machine: the store stops where the server leaves it in doubt.
        public var outboxEntriesMax: Int

        public init(
            parameters: ConnectionParameters, schema: SchemaName, directory: String,
            timeoutMilliseconds: Int = 5_000, outboxEntriesMax: Int = 100_000
        ) {
            self.parameters = parameters
            self.schema = schema
            self.directory = directory
            self.timeoutMilliseconds = max(timeoutMilliseconds, 100)
            self.outboxEntriesMax = outboxEntriesMax
        }

        var session: SessionSettings {
            SessionSettings(
                schema: self.schema, timeoutMilliseconds: self.timeoutMilliseconds,
                isSucceeded: self.outboxEntriesMax == 0)
        }
    }

    let settings: Settings
    let shared: WriterShared
    private let writer: PostgresWriter
    private let readers: ReaderPool
    private let directory: StoreDirectory
    public let identity: String
    public let generation: Int64

    /// Takes directory and database, migrates where it may, writes what the outbox holds, and verifies all chains.
    ///
    /// - Parameter notice: told, from any thread, what an operator should know.
    public init(_ settings: Settings, notice: @escaping @Sendable (String) -> Void = { _ in }) throws(StoreError) {
        self.settings = settings
        do {
            let directory = try StoreDirectory(settings.directory)
            let outbox = try Outbox(directory: directory)
            let shared = WriterShared(outboxEntriesMax: settings.outboxEntriesMax, notice: notice)
            let start = try PostgresStart.open(settings, directory: directory, outbox: outbox, notice: notice)
            shared.state.withLock { $0 = CommitQueue(heads: start.heads) }
            self.writer = PostgresWriter(settings, start: start, outbox: outbox, directory: directory, shared: shared)
            self.readers = ReaderPool(settings)
            self.directory = directory
            self.shared = shared
            (self.identity, self.generation) = (start.identity, start.writer)
        } catch {
            throw StoreError(reading: error)
        }
    }

    public var commitDurations: DurationHistogram { self.shared.commitDurations }
    public var statistics: StoreStatistics { self.shared.state.withLock(\.statistics) }
    public var failure: StoreError? { self.shared.state.withLock(\.refusal) }
    public var link: StoreLink? { self.shared.link.withLock { $0 } }

    @discardableResult
    public func append(_ entries: [JournalEntry]) async throws(StoreError) -> JournalReceipt {
        let result: Result<JournalReceipt, StoreError> = await withCheckedContinuation { continuation in
            let batch = CommitQueue.Batch(entries: entries, answer: continuation)
            switch self.shared.state.withLock({ $0.add(batch, entriesMax: Self.queueEntriesMax) }) {
            case .first: self.writer.wake()
            case .queued: break
            case .refused(let error): continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StoreRows) throws -> Value
    ) async throws(StoreError) -> Value {
        if let failure = self.failure { throw failure }
        // What waits in the outbox would be missing.
        if let reason = self.link?.away { throw .away(reason: reason) }
        return try await self.readers.read { connection in try connection.atOneMoment { try body($0) } }
    }

    /// Answered from memory while the server is away, where memory knows: that there is none, and what is open or was
    /// not long ago. So are the next two.
    public func order(id: UInt64) async throws(StoreError) -> Order? {
        try await self.find({ try $0.order(id: id) }, remembered: { try $0.order(id: id) })
    }

    public func order(account: String, clientOrderID: String) async throws(StoreError) -> Order? {
        try await self.find(
            { try $0.order(account: account, clientOrderID: clientOrderID) },
            remembered: { try $0.order(account: account, clientOrderID: clientOrderID) })
    }

    public func fill(id: String) async throws(StoreError) -> Fill? {
        try await self.find({ try $0.fill(id: id) }, remembered: { try $0.fill(id: id) })
    }

    private func find<Value: Sendable>(
        _ look: @escaping @Sendable (any StoreRows) throws -> Value?,
        remembered: @escaping @Sendable (WorkingSet) throws -> WorkingSet.Memory<Value>
    ) async throws(StoreError) -> Value? {
        do { return try await self.read(look) } catch {
            guard case .away = error, case .known(let value) = await self.writer.remembered(remembered) else {
                throw error
            }
            return value
        }
    }

    /// Whether the server would let a store be opened, as far as can be seen from here.
    public func answers() async -> Bool {
        let settings = self.settings
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                guard let session = try? WriterSession(settings.parameters, settings.session) else {
                    return continuation.resume(returning: false)
                }
                session.connection.close()
                continuation.resume(returning: true)
            }
        }
    }

    @discardableResult
    public func verify() async throws(StoreError) -> [String: Int64] {
        let acknowledged = self.shared.state.withLock(\.heads)
        let heads = try await self.read { rows in
            try rows.checkStructure()
            return try StoreVerification.verify(rows, acknowledged: acknowledged)
        }
        return Dictionary(uniqueKeysWithValues: ChainedTable.all.map { ($0.name, heads[$0].count) })
    }

    public func close() async throws(StoreError) {
        try self.shared.state.withLock { queue throws(StoreError) in
            if let refusal = queue.refusal { throw refusal }
            queue.refusal = .closed
        }
        await self.writer.close()
        self.readers.close()
        self.directory.release()
    }
}

/// What the writer shares with everybody else.
final class WriterShared: Sendable {
    let state = Mutex(CommitQueue(heads: ChainHeads()))
    let link: Mutex<StoreLink>
    let commitDurations = DurationHistogram()
    let notice: @Sendable (String) -> Void

    init(outboxEntriesMax: Int, notice: @escaping @Sendable (String) -> Void) {
        self.link = Mutex(StoreLink(outboxEntriesMax: outboxEntriesMax))
        self.notice = notice
    }
}
