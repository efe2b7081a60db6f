// SPDX-License-Identifier: Apache-2.0
// A copy of a store in a directory of its own, complete or not there.

import GRDB
import Glibc

enum StoreBackup {
    /// Makes the copy beside (`<path>.partial`), checks it in full, syncs it and renames it.
    ///
    /// - Parameters:
    ///   - path: must not exist.
    ///   - acknowledged: what the copy holds at least.
    ///   - copy: writes the database; its target is in no transaction.
    static func make(
        at path: String, acknowledged: ChainHeads, copy: (Database) throws -> Void
    ) throws(StoreError) {
        guard access(path, F_OK) != 0 else { throw .fileSystem(operation: "mkdir", path: path, code: EEXIST) }
        let partial = path + ".partial"
        guard mkdir(partial, 0o700) == 0 else { throw StoreDirectory.failure("mkdir", partial) }
        let target = try StoreDirectory(partial)
        try target.prepareDatabase()
        do {
            let queue = try DatabaseQueue(path: target.database)
            try queue.writeWithoutTransaction { try copy($0) }
            let heads = try queue.read { database in
                let rows = SQLiteRows(database: database)
                try rows.checkStructure()
                return try StoreVerification.verify(rows, acknowledged: acknowledged)
            }
            try queue.close()
            try StoreDirectory.syncFile(target.database)
            try target.saveHeads(heads)
        } catch {
            throw StoreError(wrapping: error)
        }
        guard rename(partial, path) == 0 else { throw StoreDirectory.failure("rename", path) }
        try StoreDirectory.sync(StoreDirectory.parent(of: path))
    }
}
