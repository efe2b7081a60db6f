// SPDX-License-Identifier: Apache-2.0
// Copies and checks made while the store works.

import GRDB
import Glibc

extension SQLiteStore {
    /// Copies the store as it is now into a new directory, which a store can be opened on. Appends go on meanwhile.
    ///
    /// The copy is made beside (`<path>.partial`), checked in full, synced and renamed, so a directory at `path` is a
    /// complete backup.
    /// - Parameter path: must not exist.
    public func backup(to path: String) async throws(StoreError) {
        guard access(path, F_OK) != 0 else { throw .fileSystem(operation: "mkdir", path: path, code: EEXIST) }
        let partial = path + ".partial"
        guard mkdir(partial, 0o700) == 0 else { throw StoreDirectory.failure("mkdir", partial) }
        let target = try StoreDirectory(partial)
        try target.prepareDatabase()
        let acknowledged = self.acknowledgedHeads
        try await self.read { source in
            let copy = try DatabaseQueue(path: target.database)
            try copy.writeWithoutTransaction { try source.backup(to: $0) }
            let heads = try copy.read { database in
                try StoreVerification.checkStructure(database)
                return try StoreVerification.verify(database, acknowledged: acknowledged)
            }
            try copy.close()
            try StoreDirectory.syncFile(target.database)
            try target.saveHeads(heads)
        }
        guard rename(partial, path) == 0 else { throw StoreDirectory.failure("rename", path) }
        try StoreDirectory.sync(StoreDirectory.parent(of: path))
    }

    /// Verifies all chains as at start, and SQLite's structure besides, while the store works.
    /// - Returns: rows of each chained table.
    @discardableResult
    public func verify() async throws(StoreError) -> [String: Int64] {
        let acknowledged = self.acknowledgedHeads
        let heads = try await self.read { database in
            try StoreVerification.checkStructure(database)
            return try StoreVerification.verify(database, acknowledged: acknowledged)
        }
        return Dictionary(uniqueKeysWithValues: ChainedTable.all.map { ($0.name, heads[$0].count) })
    }
}
