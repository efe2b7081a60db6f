// SPDX-License-Identifier: Apache-2.0
// The embedded store: one SQLite database, one writer that commits in groups.

import GRDB
import Operations
import RiskDomain
import Synchronization

/// A ``DeskStore`` in a directory of its own.
///
/// - One connection writes and checkpoints, on GRDB's writer queue; the readers are read-only connections. SQLite
///   before 3.51.3 may lose commits when several connections write or checkpoint a write-ahead log.
/// - Appends that wait while the disk is busy share one transaction and one sync ("group commit").
/// - An append returns when the write-ahead log and then the file of heads are synced. The heads tell at the next
///   start whether the log's tail was lost, as SQLite drops a torn one silently.
/// - After a failed write or sync nothing is tried again: what the disk holds is then known only by reading it anew.
///
/// May be used from any task. Opening and closing block for as long as reading everything takes.
public final class SQLiteStore: StoredDesk {
    public static let queueEntriesMax = 16_384
    static let groupEntriesMax = 2_048
    /// Rows after which the log is written back into the database.
    static let checkpointEntries = 4_096
    private static let readersMax = 4

    let pool: DatabasePool
    let directory: StoreDirectory
    let queue: Mutex<CommitQueue>
    private let openings: StoreOpenings

    /// Takes the directory, verifies all chains, migrates, and checks the settings.
    public init(directory path: String) throws(StoreError) {
        self.directory = try StoreDirectory(path)
        try self.directory.prepareDatabase()
        let acknowledged = try self.directory.loadHeads()
        self.openings = try StoreOpenings.countOne(in: self.directory)
        let present = try Preflight.check(self.directory, acknowledged: acknowledged)
        do {
            self.pool = try DatabasePool(path: self.directory.database, configuration: Self.configuration())
        } catch {
            throw StoreError(wrapping: error)
        }
        self.queue = Mutex(CommitQueue(heads: ChainHeads()))
        do {
            let heads = try Self.start(self.pool, present)
            try self.directory.saveHeads(heads)
            self.queue.withLock { $0 = CommitQueue(heads: heads) }
        } catch {
            self.abandon()
            throw StoreError(wrapping: error)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "desk"
        configuration.maximumReaderCount = self.readersMax
        configuration.foreignKeysEnabled = true
        // After a failed commit there may be no way to end the transaction; that must not crash.
        configuration.allowsUnsafeTransactions = true
        return configuration
    }

    /// - Parameter present: where the chains of a store of the newest schema end, or `nil` when there is work to do.
    private static func start(_ pool: DatabasePool, _ present: ChainHeads?) throws -> ChainHeads {
        try pool.writeWithoutTransaction { try DurableSettings.apply(to: $0) }
        if let present { return present }
        try pool.write { database in
            // First of all, so that a crash while the tables are made leaves a database that is known as ours.
            try database.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
        }
        try StoreSchema.migrator().migrate(pool)
        try pool.writeWithoutTransaction { try DurableSettings.check($0) }
        return try pool.read { try StoreVerification.verify(SQLiteRows(database: $0), acknowledged: ChainHeads()) }
    }

    /// From the begin of a transaction to its sync.
    public let commitDurations = DurationHistogram()

    /// Work so far.
    public var statistics: StoreStatistics { self.queue.withLock(\.statistics) }

    /// Why it accepts nothing more, or `nil`.
    public var failure: StoreError? { self.queue.withLock(\.refusal) }

    public var identity: String { self.openings.identity }
    public var generation: Int64 { self.openings.count }

    /// Keeps the connections open for ever: closing would write back a log whose sync failed, and remove it.
    func abandon() { _ = Unmanaged.passRetained(self.pool) }

    /// Where the chains ended at the last acknowledged commit.
    var acknowledgedHeads: ChainHeads { self.queue.withLock(\.heads) }

    /// Writes what waits, refuses what comes, and gives the directory back.
    public func close() async throws(StoreError) {
        try self.queue.withLock { queue throws(StoreError) in
            if let refusal = queue.refusal { throw refusal }
            queue.refusal = .closed
        }
        let pool = self.pool
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    returning: Result { _ = try database.checkpoint(.truncate) }.mapError { StoreError(wrapping: $0) })
            }
        }
        if case .failure = result { self.abandon() }
        try result.get()
        do { try pool.close() } catch { throw StoreError(wrapping: error) }
        self.directory.release()
    }
}

/// Counters of a store since it was opened.
public struct StoreStatistics: Sendable, Equatable {
    /// Transactions, each with one sync of the log.
    public var commitCount = 0
    /// Entries written or found there.
    public var entryCount = 0
    public var checkpointCount = 0

    public init() {}
}

/// The settings durability rests on.
package enum DurableSettings {
    /// GRDB sets `synchronous` to NORMAL, which syncs at checkpoints only, after its own preparation hook; so this
    /// comes after the database was opened. SQLite's own checkpoints ignore their errors; ours do not.
    package static func apply(to database: Database) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try self.check(database)
    }

    package static func check(_ database: Database) throws {
        let wanted = [
            ("synchronous", "2"), ("journal_mode", "wal"), ("wal_autocheckpoint", "0"), ("foreign_keys", "1"),
        ]
        for (setting, expected) in wanted {
            let actual = try String.fetchOne(database, sql: "PRAGMA \(setting)") ?? "unknown"
            guard actual == expected else {
                throw StoreError.notDurable(setting: setting, expected: expected, actual: actual)
            }
        }
    }
}

extension StoreError {
    /// For errors of GRDB, which throws untyped.
    init(wrapping error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT:
            self = .refused(reason: error.message ?? "a constraint")
        case let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT:
            self = .damaged(detail: error.message ?? "malformed")
        case let error as DatabaseError where error.resultCode == .SQLITE_NOTADB:
            self = .damaged(detail: error.message ?? "no database")
        default: self = .unreadable(reason: "\(error)")
        }
    }

    /// Whether only the entries at hand are at fault.
    package var isRefusal: Bool {
        switch self {
        case .conflict, .refused, .unstorable: true
        default: false
        }
    }
}
