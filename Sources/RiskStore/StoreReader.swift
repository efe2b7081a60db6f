// SPDX-License-Identifier: Apache-2.0
// A store seen by a second process: read only, also while the daemon works.

import GRDB
import Glibc

/// Reads a store without taking its lock. What one call returns belongs to one moment.
///
/// Nothing is repaired or migrated, and no checkpoint is made, so the one writer stays the only one. Blocks for as long
/// as reading takes.
public final class StoreReader: Sendable {
    private let database: DatabaseQueue
    private let directory: String

    /// - Throws: for a directory without a store, one that others may read, and one of another schema.
    public init(directory: String) throws(StoreError) {
        self.directory = directory
        let path = "\(directory)/desk.sqlite"
        for file in [directory, path] { try StoreDirectory.requirePrivate(file) }
        var configuration = Configuration()
        configuration.readonly = true
        // A writer that makes the log anew holds readers back for a moment.
        configuration.busyMode = .timeout(5)
        do {
            self.database = try DatabaseQueue(path: path, configuration: configuration)
            try self.database.read { try Self.checkOwner($0, path) }
        } catch {
            throw StoreError(wrapping: error)
        }
    }

    private static func checkOwner(_ database: Database, _ path: String) throws {
        let owner = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard owner == StoreSchema.applicationID else { throw StoreError.notAStore(path: path) }
        let migrator = StoreSchema.migrator()
        guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerSchema(path: path) }
        guard try migrator.hasCompletedMigrations(database) else {
            throw StoreError.unreadable(reason: "\(path) is of an older version; hint: start the daemon on it once")
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try self.database.read(body) } catch { throw StoreError(wrapping: error) }
    }

    /// Where the chains ended when the writer last wrote that down; the tables may be ahead, never behind.
    private func acknowledgedHeads() throws(StoreError) -> ChainHeads {
        let path = "\(self.directory)/heads"
        guard let file = fopen(path, "r") else { throw StoreDirectory.failure("open", path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return try HeadsFile.parse(String(decoding: bytes[..<count], as: UTF8.self))
    }

    /// Verifies every chain from its first row, the heads, the tables derived from them, and SQLite's own structure.
    ///
    /// - Parameter progress: told rows read and rows there are, from time to time.
    /// - Returns: rows of each chained table, in the order they are read.
    /// - Throws: the first fault, by table and row.
    public func verify(
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> [(table: String, rows: Int64)] {
        // First the heads: the tables only grow meanwhile.
        let acknowledged = try self.acknowledgedHeads()
        return try self.read { database in
            try StoreVerification.checkStructure(database)
            let heads = try StoreVerification.verify(database, acknowledged: acknowledged, progress: progress)
            return ChainedTable.all.map { ($0.name, heads[$0].count) }
        }
    }

    /// Newest first.
    public func audit(accounts: [String]?, page: PageRequest) throws(StoreError) -> Page<AuditEntry> {
        try self.read { database in
            let list = KeysetList(select: "SELECT * FROM audit", key: "sequence", account: "account")
            return try list.page(page, accounts: accounts, in: database) {
                (try $0.get("sequence"), try AuditEntry(row: $0))
            }
        }
    }

    /// Copies the store as it is now into a new directory, checked in full, as ``SQLiteStore/backup(to:)`` does.
    ///
    /// - Parameter path: must not exist.
    public func backup(to path: String) throws(StoreError) {
        let acknowledged = try self.acknowledgedHeads()
        try StoreBackup.make(at: path, acknowledged: acknowledged) { target in
            try self.database.read { try $0.backup(to: target) }
        }
    }
}
