// SPDX-License-Identifier: Apache-2.0
// Checks that everything acknowledged is there and nothing was changed.

import GRDB
import RiskDomain

enum StoreVerification {
    /// Reads every chained row once, and the tables derived from them.
    /// - Parameter acknowledged: what the file of heads says; the tables may hold more, never less or other rows.
    /// - Parameter progress: told rows read and rows there are, from time to time.
    /// - Returns: where the chains end now.
    static func verify(
        _ database: Database, acknowledged: ChainHeads, progress: ((_ done: Int, _ total: Int) -> Void)? = nil
    ) throws -> ChainHeads {
        var heads = ChainHeads()
        var counter = RowCounter(total: 0, progress: progress)
        if progress != nil {
            counter.total = try ChainedTable.all.reduce(0) { total, table in
                total + (try Int.fetchOne(database, sql: "SELECT max(sequence) FROM \(table.name)") ?? 0)
            }
        }
        for table in ChainedTable.all {
            heads[table] = try self.verify(table, acknowledged: acknowledged[table], in: database, &counter)
        }
        heads.commits = try Int64.fetchOne(database, sql: "SELECT commits FROM store WHERE id = 1") ?? 0
        guard heads.commits >= acknowledged.commits else {
            throw StoreError.tailLost(
                table: "commits", expectedCount: acknowledged.commits, actualCount: heads.commits)
        }
        try self.verifyOrders(database)
        try self.verifyBook(database)
        return heads
    }

    private static func verify(
        _ table: ChainedTable, acknowledged: ChainHead, in database: Database, _ counter: inout RowCounter
    ) throws -> ChainHead {
        let columns = (["sequence"] + table.columns + ["previous", "digest"]).joined(separator: ", ")
        let rows = try Row.fetchCursor(database, sql: "SELECT \(columns) FROM \(table.name) ORDER BY sequence")
        var head = ChainHead()
        while let row = try rows.next() {
            let values = Array(row.databaseValues)
            let sequence = Int64.fromDatabaseValue(values[0]) ?? 0
            let previous = String.fromDatabaseValue(values[values.count - 2]) ?? ""
            let digest = table.digest(sequence: sequence, previous: previous, values: values[1..<(values.count - 2)])
            guard digest.databaseValue == values[values.count - 1] else {
                throw StoreError.rowChanged(table: table.name, sequence: sequence)
            }
            guard sequence == head.count + 1, previous == head.digest else {
                throw StoreError.chainBroken(table: table.name, sequence: sequence)
            }
            head = ChainHead(count: sequence, digest: digest)
            counter.count()
            if sequence == acknowledged.count, digest != acknowledged.digest {
                throw StoreError.headMismatch(table: table.name, sequence: sequence)
            }
        }
        guard head.count >= acknowledged.count else {
            throw StoreError.tailLost(
                table: table.name, expectedCount: acknowledged.count, actualCount: head.count)
        }
        return head
    }

    /// Tells how far it is, every thousand rows.
    private struct RowCounter {
        var total: Int
        let progress: ((Int, Int) -> Void)?
        private var done = 0

        init(total: Int, progress: ((Int, Int) -> Void)?) {
            self.total = total
            self.progress = progress
        }

        mutating func count() {
            self.done += 1
            if self.done % 1_000 == 0 { self.progress?(self.done, self.total) }
        }
    }

    /// Every order points at its last event and agrees with it.
    private static func verifyOrders(_ database: Database) throws {
        let final = OrderStatus.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let sql = """
            SELECT count(*) FROM (SELECT order_id, max(sequence) AS last FROM order_events GROUP BY order_id) AS e
                FULL JOIN orders AS o ON o.id = e.order_id LEFT JOIN order_events AS r ON r.sequence = e.last
            WHERE o.event IS NOT e.last OR o.account IS NOT r.account OR o.client_order_id IS NOT r.client_order_id
                OR o.created_ns IS NOT r.created_ns OR o.is_open IS NOT (r.status NOT IN (\(final)))
            """
        guard try Int.fetchOne(database, sql: sql) == 0 else {
            throw StoreError.derivedTableDiffers(table: "orders")
        }
    }

    private static func verifyBook(_ database: Database) throws {
        let sql = "SELECT content FROM books ORDER BY sequence DESC LIMIT 1"
        guard let content = try String.fetchOne(database, sql: sql) else { return }
        guard content == (try BookContent.digest(database)) else {
            throw StoreError.derivedTableDiffers(table: "accounts and positions")
        }
    }

    /// SQLite's check of pages, indexes and references: slower, and not made at start.
    static func checkStructure(_ database: Database) throws {
        let found = try String.fetchAll(database, sql: "PRAGMA integrity_check")
        guard found == ["ok"] else { throw StoreError.damaged(detail: found.joined(separator: "; ")) }
        if let row = try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") {
            throw StoreError.damaged(detail: "a reference of \(row[0] as String? ?? "a table") leads nowhere")
        }
    }
}
