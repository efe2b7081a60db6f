// SPDX-License-Identifier: Apache-2.0
// A store seen by a second process: read only, also while the daemon works.

import GRDB
import Glibc

/// Reads a store without taking its lock. What one call returns belongs to one moment.
///
/// Nothing is repaired or migrated, and no checkpoint is made, so the one writer stays the only one. Blocks for as long
/// as reading takes.
public final class StoreReader: StoreInspection {
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

    public func read<Value>(_ body: (any StoreRows) throws -> Value) throws(StoreError) -> Value {
        do { return try self.database.read { try body(SQLiteRows(database: $0)) } } catch {
            throw StoreError(wrapping: error)
        }
    }

    /// Where the chains ended when the writer last wrote that down; the tables may be ahead, never behind.
    public func acknowledgedHeads() throws(StoreError) -> ChainHeads {
        let path = "\(self.directory)/heads"
        guard let file = fopen(path, "r") else { throw StoreDirectory.failure("open", path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return try HeadsFile.parse(String(decoding: bytes[..<count], as: UTF8.self))
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
