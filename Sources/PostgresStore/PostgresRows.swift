// SPDX-License-Identifier: Apache-2.0
// PostgreSQL behind the protocols of the rules and readings.

import RiskStore

struct PostgresRows: StoreRows {
    let connection: PostgresConnection

    func forEach(_ sql: String, _ arguments: [StoredValue], _ body: (StoredRow) throws -> Void) throws {
        try self.connection.query(sql, arguments, body)
    }

    func first(_ sql: String, _ arguments: [StoredValue]) throws -> StoredRow? {
        var found: StoredRow?
        try self.connection.query(sql, arguments) { found = found ?? $0 }
        return found
    }

    func hasTable(_ name: String) throws -> Bool {
        let sql = """
            SELECT count(*) FROM pg_catalog.pg_class WHERE relname = ? AND relkind IN ('r', 'p')
                AND relnamespace = to_regnamespace(current_schema()::text)
            """
        return try self.integer(sql, [.text(name)]) ?? 0 > 0
    }

    /// References are checked by the server whenever a row is written; pages are, where the cluster has checksums, by
    /// whoever reads them. What is left is that nobody switched references off: their triggers stand.
    func checkStructure() throws {
        let sql = """
            SELECT conrelid::regclass::text || '.' || conname FROM pg_catalog.pg_constraint
                WHERE connamespace = to_regnamespace(current_schema()::text) AND NOT convalidated
            """
        if let name = try self.text(sql) {
            throw StoreError.damaged(detail: "the constraint \(name) was never checked")
        }
    }
}

extension PostgresConnection {
    /// Runs `body` seeing one moment.
    func atOneMoment<Value>(_ body: (PostgresRows) throws -> Value) throws -> Value {
        try self.simple("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let value = try body(PostgresRows(connection: self))
            try self.simple("COMMIT")
            return value
        } catch {
            if !self.isBroken { try? self.simple("ROLLBACK") }
            throw error
        }
    }
}
