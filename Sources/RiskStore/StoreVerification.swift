// SPDX-License-Identifier: Apache-2.0
// Checks that everything acknowledged is there and nothing was changed.

import RiskDomain

package enum StoreVerification {
    /// Reads every chained row once, and the tables derived from them.
    /// - Parameters:
    ///   - acknowledged: where the chains ended; the tables may hold more, never less or other rows.
    ///   - progress: told rows read and rows there are, from time to time.
    ///   - visit: gets every chained row once it is found sound: its own columns.
    /// - Returns: where the chains end now.
    package static func verify(
        _ database: some StoreRows, acknowledged: ChainHeads, progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
        visit: (ChainedTable, ArraySlice<StoredValue>) -> Void = { _, _ in }
    ) throws -> ChainHeads {
        var heads = ChainHeads()
        var counter = RowCounter(total: 0, progress: progress)
        if progress != nil {
            counter.total = try ChainedTable.all.reduce(0) { total, table in
                total + Int(try database.integer("SELECT max(sequence) FROM \(table.name)") ?? 0)
            }
        }
        for table in ChainedTable.all {
            heads[table] = try self.verify(table, acknowledged: acknowledged[table], in: database, &counter) {
                visit(table, $0)
            }
        }
        heads.commits = try self.commits(database, acknowledged: acknowledged)
        try self.verifyOrders(database)
        try self.verifyBook(database)
        return heads
    }

    private static func commits(_ database: some StoreRows, acknowledged: ChainHeads) throws -> Int64 {
        let commits = try database.integer("SELECT commits FROM store WHERE id = 1") ?? 0
        guard commits >= acknowledged.commits else {
            throw StoreError.tailLost(table: "commits", expectedCount: acknowledged.commits, actualCount: commits)
        }
        return commits
    }

    private static func verify(
        _ table: ChainedTable, acknowledged: ChainHead, in database: some StoreRows, _ counter: inout RowCounter,
        visit: (ArraySlice<StoredValue>) -> Void
    ) throws -> ChainHead {
        let columns = quoted(["sequence"] + table.columns + ["previous", "digest"])
        var head = ChainHead()
        try database.forEach("SELECT \(columns) FROM \(table.name) ORDER BY sequence", []) { row in
            let values = row.values
            let sequence = Int64(stored: values[0]) ?? 0
            let previous = String(stored: values[values.count - 2]) ?? ""
            let own = values[1..<(values.count - 2)]
            let digest = table.digest(sequence: sequence, previous: previous, values: own)
            guard .text(digest) == values[values.count - 1] else {
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
            visit(own)
        }
        guard head.count >= acknowledged.count else {
            throw StoreError.tailLost(
                table: table.name, expectedCount: acknowledged.count, actualCount: head.count)
        }
        return head
    }

    /// Where the chains end, by what is written there: nothing is recomputed.
    package static func heads(_ database: some StoreRows) throws -> ChainHeads {
        var heads = ChainHeads()
        for table in ChainedTable.all {
            let sql = "SELECT sequence, digest FROM \(table.name) ORDER BY sequence DESC LIMIT 1"
            guard let row = try database.first(sql, []) else {
                heads[table] = ChainHead()
                continue
            }
            heads[table] = ChainHead(count: try row.get("sequence"), digest: try row.get("digest"))
        }
        heads.commits = try database.integer("SELECT commits FROM store WHERE id = 1") ?? 0
        return heads
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
    private static func verifyOrders(_ database: some StoreRows) throws {
        let final = OrderStatus.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let sql = """
            SELECT count(*) FROM (SELECT order_id, max(sequence) AS last FROM order_events GROUP BY order_id) AS e
                FULL JOIN orders AS o ON o.id = e.order_id LEFT JOIN order_events AS r ON r.sequence = e.last
            WHERE o.event IS DISTINCT FROM e.last OR o.account IS DISTINCT FROM r.account
                OR o.client_order_id IS DISTINCT FROM r.client_order_id
                OR o.created_ns IS DISTINCT FROM r.created_ns
                OR o.is_open IS DISTINCT FROM CASE WHEN r.status IN (\(final)) THEN 0 ELSE 1 END
            """
        guard try database.integer(sql) == 0 else { throw StoreError.derivedTableDiffers(table: "orders") }
    }

    private static func verifyBook(_ database: some StoreRows) throws {
        guard let content = try database.text("SELECT content FROM books ORDER BY sequence DESC LIMIT 1") else {
            return
        }
        guard content == (try BookContent.digest(database)) else {
            throw StoreError.derivedTableDiffers(table: "accounts and positions")
        }
    }
}
