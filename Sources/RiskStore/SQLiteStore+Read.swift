// SPDX-License-Identifier: Apache-2.0
// Reading: on connections of their own, beside the writer.

import GRDB

extension SQLiteStore {
    /// Runs on a reader, unless the store has stopped.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StoreRows) throws -> Value
    ) async throws(StoreError) -> Value {
        if let refusal = self.failure { throw refusal }
        do { return try await self.pool.read { try body(SQLiteRows(database: $0)) } } catch {
            throw StoreError(wrapping: error)
        }
    }

    /// There is no server.
    public var link: StoreLink? { nil }
}
