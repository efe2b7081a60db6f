// SPDX-License-Identifier: Apache-2.0
// What a second process asks of a store, in any database.

/// Reads a store beside the daemon. What one call returns belongs to one moment. Blocks for as long as reading takes.
public protocol StoreInspection: Sendable {
    func read<Value>(_ body: (any StoreRows) throws -> Value) throws(StoreError) -> Value

    /// Where the chains ended when the writer last wrote that down; the tables may be ahead, never behind.
    func acknowledgedHeads() throws(StoreError) -> ChainHeads
}

extension StoreInspection {
    /// Verifies every chain from its first row, the heads, the tables derived from them, and the database's structure.
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
            try database.checkStructure()
            let heads = try StoreVerification.verify(database, acknowledged: acknowledged, progress: progress)
            return ChainedTable.all.map { ($0.name, heads[$0].count) }
        }
    }

    /// Newest first.
    public func audit(accounts: [String]?, page: PageRequest) throws(StoreError) -> Page<AuditEntry> {
        try self.read { try $0.audit(RecordFilter(accounts: accounts), page: page) }
    }

    /// Rows of each table at one moment.
    public func counts(of tables: [ExportedTable]) throws(StoreError) -> [ExportedTable: Int] {
        try self.read { database in
            try tables.reduce(into: [:]) { counts, table in
                let sql = "SELECT count(*) FROM (SELECT 1 FROM \(table.source)) AS r"
                counts[table] = Int(try database.integer(sql) ?? 0)
            }
        }
    }

    /// Reads a table row by row; an error of `row` ends it.
    ///
    /// - Parameter row: gets names and values of the columns, in the same order every time.
    public func export(
        _ table: ExportedTable, row: (_ names: [String], _ values: [StoredValue]) throws -> Void
    ) throws {
        let names = table.columnNames
        // An error of the caller's stays what it is.
        var failure: (any Error)?
        do throws(StoreError) {
            try self.read { database in
                let sql = "SELECT \(table.columns.joined(separator: ", ")) FROM \(table.source)"
                try database.forEach(sql, []) { values in
                    do { try row(names, values.values) } catch {
                        failure = error
                        throw error
                    }
                }
            }
        } catch {
            throw failure ?? error
        }
    }
}
