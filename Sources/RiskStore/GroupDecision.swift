// SPDX-License-Identifier: Apache-2.0
// A group of appends in one transaction, each of them kept or refused alone.

import GRDB

/// A database in a transaction that can take back the last batch.
protocol GroupDatabase: JournalDatabase {
    func beginBatch() throws
    func rollBackBatch() throws
    func endBatch() throws
}

enum GroupDecision {
    /// Writes what the rules allow; a batch that is refused is taken back alone.
    ///
    /// - Parameter heads: where the chains end, before and after.
    static func decide(
        _ batches: [[JournalEntry]], in database: some GroupDatabase, heads: inout ChainHeads
    ) throws -> [Result<JournalReceipt, StoreError>] {
        var writer = JournalWriter(database: database, heads: heads)
        let results = try batches.map { entries -> Result<JournalReceipt, StoreError> in
            let before = writer.heads
            try database.beginBatch()
            let result: Result<JournalReceipt, StoreError>
            do {
                result = .success(try writer.append(entries))
            } catch {
                let refusal = StoreError(wrapping: error)
                guard refusal.isRefusal else { throw error }
                try database.rollBackBatch()
                writer.heads = before
                result = .failure(refusal)
            }
            try database.endBatch()
            return result
        }
        heads = writer.heads
        return results
    }
}

extension SQLiteRows: GroupDatabase {
    func beginBatch() throws { try self.database.execute(sql: "SAVEPOINT batch") }
    func rollBackBatch() throws { try self.database.execute(sql: "ROLLBACK TO batch") }
    func endBatch() throws { try self.database.execute(sql: "RELEASE batch") }
}
