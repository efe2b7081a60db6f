// SPDX-License-Identifier: Apache-2.0
// What is checked before anything is written, on a connection that cannot write.

import GRDB
import Glibc

/// A store that is refused is left as it was found: its log may be the evidence, or what is left of the data.
enum Preflight {
    /// - Parameter acknowledged: what the file of heads says; `nil` where there is no file.
    /// - Returns: where the chains end; `nil` for a store that is new or of an older schema.
    static func check(_ directory: StoreDirectory, acknowledged: ChainHeads?) throws(StoreError) -> ChainHeads? {
        var status = stat()
        guard stat(directory.database, &status) == 0 else { throw StoreDirectory.failure("stat", directory.database) }
        guard status.st_size > 0 else {
            // SQLite would remove the log of an empty database.
            try self.requireNothingLost(acknowledged)
            return nil
        }
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let database = try DatabaseQueue(path: directory.database, configuration: configuration)
            defer { try? database.close() }
            return try database.read { try self.check($0, directory.database, acknowledged: acknowledged) }
        } catch {
            throw StoreError(wrapping: error)
        }
    }

    private static func check(_ database: Database, _ path: String, acknowledged: ChainHeads?) throws -> ChainHeads? {
        let migrator = StoreSchema.migrator()
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        let owner = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard tables == 0 || owner == StoreSchema.applicationID else { throw StoreError.notAStore(path: path) }
        guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerSchema(path: path) }
        guard try database.tableExists("store") else {
            try self.requireNothingLost(acknowledged)
            return nil
        }
        let heads = try StoreVerification.verify(
            SQLiteRows(database: database), acknowledged: acknowledged ?? ChainHeads())
        guard acknowledged != nil || heads.commits == 0 else {
            throw StoreError.headsUnreadable(reason: "it is missing, and \(heads.commits) transactions are there")
        }
        return try migrator.hasCompletedMigrations(database) ? heads : nil
    }

    private static func requireNothingLost(_ acknowledged: ChainHeads?) throws(StoreError) {
        guard let commits = acknowledged?.commits, commits > 0 else { return }
        throw .tailLost(table: "commits", expectedCount: commits, actualCount: 0)
    }
}
