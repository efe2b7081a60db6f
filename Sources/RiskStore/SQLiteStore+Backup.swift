// SPDX-License-Identifier: Apache-2.0
// Copies and checks made while the store works.

import GRDB

extension SQLiteStore {
    /// Copies the store as it is now into a new directory, which a store can be opened on. Appends go on meanwhile.
    ///
    /// The copy is made beside (`<path>.partial`), checked in full, synced and renamed, so a directory at `path` is a
    /// complete backup.
    /// - Parameter path: must not exist.
    public func backup(to path: String) async throws(StoreError) {
        let acknowledged = self.acknowledgedHeads
        if let refusal = self.failure { throw refusal }
        do {
            try await self.pool.read { source in
                try StoreBackup.make(at: path, acknowledged: acknowledged) { try source.backup(to: $0) }
            }
        } catch {
            throw StoreError(wrapping: error)
        }
    }

    /// Verifies all chains as at start, and SQLite's structure besides, while the store works.
    /// - Returns: rows of each chained table.
    @discardableResult
    public func verify() async throws(StoreError) -> [String: Int64] {
        let acknowledged = self.acknowledgedHeads
        let heads = try await self.read { database in
            try database.checkStructure()
            return try StoreVerification.verify(database, acknowledged: acknowledged)
        }
        return Dictionary(uniqueKeysWithValues: ChainedTable.all.map { ($0.name, heads[$0].count) })
    }
}
