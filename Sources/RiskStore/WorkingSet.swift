// SPDX-License-Identifier: Apache-2.0
// What the rules need to know of a database on a server, in memory: what they decide needs no answer from there.

import GRDB
import RiskDomain

/// The tables of a store without most of their rows: accounts, users, tokens, the newest book, open orders, and what
/// was asked for lately. ``JournalWriter`` runs on it as on any database, so a decision is the same wherever it is
/// written.
///
/// That a name is new is known of every name (``KnownNames``), so new orders and fills are decided from memory alone.
/// An entry about an old row that is not here must wait until ``fetch(for:from:)`` brought it.
///
/// Ownership: the one writer's.
package final class WorkingSet {
    /// Constrain nothing and are read by no rule: what is put there is only passed on.
    private static let unread: Set<String> = [
        ChainedTable.audit.name, "notes", "preferences", "limits", "stream_positions",
    ]
    private static let rowsMax = 65_536

    private let database: DatabaseQueue
    private var names = KnownNames()
    private var rowCount = 0

    package init() throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.allowsUnsafeTransactions = true
        self.database = try DatabaseQueue(configuration: configuration)
        try StoreSchema.migrator().migrate(self.database)
    }

    // MARK: From the database

    /// Verifies everything and takes what the rules need.
    ///
    /// - Parameter source: reads one moment.
    /// - Returns: where the chains end.
    package func load(_ source: some StoreRows, acknowledged: ChainHeads) throws -> ChainHeads {
        let heads = try StoreVerification.verify(
            source, acknowledged: acknowledged, visit: { self.names.add($1, of: $0) })
        let open = "SELECT event FROM orders WHERE is_open = 1"
        for (table, selection) in [
            ("accounts", ""), ("positions", ""), ("carried_totals", ""), ("users", ""), ("tokens", ""),
            ("books", " ORDER BY sequence DESC LIMIT 1"), ("order_events", " WHERE sequence IN (\(open))"),
            ("orders", " WHERE is_open = 1"),
        ] {
            try self.take("SELECT * FROM \(table)\(selection)", [], into: table, from: source)
        }
        return heads
    }

    /// Copies rows; what they refer to may be missing here.
    private func take(
        _ sql: String, _ arguments: [StoredValue], into table: String, from source: some StoreRows
    ) throws {
        try self.database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            defer { try? database.execute(sql: "PRAGMA foreign_keys = ON") }
            let target = SQLiteRows(database: database)
            try source.forEach(sql, arguments) { row in
                let key = table == "positions" || table == "carried_totals" ? "account" : row.names[0]
                let keys = key == "account" ? ["account", "symbol"] : [key]
                let columns: [StoredColumn] = zip(row.names, row.values).map { ($0, $1) }
                try target.apply(.put(table: table, columns: columns, key: keys))
                self.rowCount += 1
            }
        }
    }

    /// Old rows that entries are about and that are not here.
    package struct Need: Sendable {
        fileprivate var orders: Set<Int64> = []
        fileprivate var clientOrders: [(account: String, name: String)] = []
        fileprivate var rows: [(table: ChainedTable, id: String)] = []

        package var isEmpty: Bool { self.orders.isEmpty && self.clientOrders.isEmpty && self.rows.isEmpty }
    }

    package func need(of entries: [JournalEntry]) throws -> Need {
        try self.database.unsafeReentrantRead { database in
            let present = SQLiteRows(database: database)
            var need = Need()
            for entry in entries {
                switch entry {
                case .order(let order):
                    try self.addOrder(order.id, to: &need, present)
                    let request = order.request
                    guard let name = request.clientOrderID, self.names.has(client: name, of: request.account),
                        try present.order(account: request.account, clientOrderID: name) == nil
                    else { continue }
                    need.clientOrders.append((request.account, name))
                case .fill(let fill):
                    try self.addRow(fill.id, .fills, to: &need, present)
                    if let reversed = fill.reverses { try self.addRow(reversed, .fills, to: &need, present) }
                    if let order = fill.orderID { try self.addOrder(order, to: &need, present) }
                case .cash(let cash): try self.addRow(cash.id, .cash, to: &need, present)
                case .adjustment(let adjustment): try self.addRow(adjustment.id, .adjustments, to: &need, present)
                default: continue
                }
            }
            return need
        }
    }

    private func addOrder(_ id: UInt64, to need: inout Need, _ present: SQLiteRows) throws {
        guard let key = Int64(exactly: id), self.names.has(order: key),
            try present.integer("SELECT id FROM orders WHERE id = ?", [.integer(key)]) == nil
        else { return }
        need.orders.insert(key)
    }

    private func addRow(_ id: String, _ table: ChainedTable, to need: inout Need, _ present: SQLiteRows) throws {
        guard self.names.has(id, in: table), !id.utf8.contains(0),
            try present.integer("SELECT sequence FROM \(table.name) WHERE id = ?", [.text(id)]) == nil
        else { return }
        need.rows.append((table, id))
    }

    package func fetch(_ need: Need, from source: some StoreRows) throws {
        func order(_ condition: String, _ arguments: [StoredValue]) throws {
            let event = "SELECT event FROM orders WHERE \(condition)"
            try self.take(
                "SELECT * FROM order_events WHERE sequence IN (\(event))", arguments, into: "order_events",
                from: source)
            try self.take("SELECT * FROM orders WHERE \(condition)", arguments, into: "orders", from: source)
        }
        for id in need.orders { try order("id = ?", [.integer(id)]) }
        for (account, name) in need.clientOrders {
            try order("account = ? AND client_order_id = ?", [.text(account), .text(name)])
        }
        for (table, id) in need.rows {
            try self.take("SELECT * FROM \(table.name) WHERE id = ?", [.text(id)], into: table.name, from: source)
        }
    }

    // MARK: Deciding

    /// What was decided of a group, and what has to be written for it.
    package struct Decision {
        package var results: [Result<JournalReceipt, StoreError>]
        package var writes: [StoredWrite]
        /// Where the chains end then.
        package var heads: ChainHeads
    }

    package func decide(_ batches: [[JournalEntry]], heads: ChainHeads) throws -> Decision {
        try self.database.writeWithoutTransaction { database in
            let target = RecordingRows(SQLiteRows(database: database), unread: Self.unread)
            var after = heads
            try database.beginTransaction(.immediate)
            let results: [Result<JournalReceipt, StoreError>]
            do {
                results = try GroupDecision.decide(batches, in: target, heads: &after)
                try database.commit()
            } catch {
                if database.isInsideTransaction { try? database.rollback() }
                throw error
            }
            for case .put(let table, let columns, _) in target.writes { self.names.add(columns, of: table) }
            self.rowCount += target.writes.count
            return Decision(results: results, writes: target.writes, heads: after)
        }
    }

    /// What memory knows of something.
    package enum Memory<Value: Sendable>: Sendable {
        case known(Value?)
        /// It was there once, and is in the database.
        case elsewhere
    }

    package func order(id: UInt64) throws -> Memory<Order> {
        guard let key = Int64(exactly: id), self.names.has(order: key) else { return .known(nil) }
        return try self.read { try $0.order(id: id) }.map { .known($0) } ?? .elsewhere
    }

    package func order(account: String, clientOrderID name: String) throws -> Memory<Order> {
        guard self.names.has(client: name, of: account) else { return .known(nil) }
        let order = try self.read { try $0.order(account: account, clientOrderID: name) }
        return order.map { .known($0) } ?? .elsewhere
    }

    package func fill(id: String) throws -> Memory<Fill> {
        guard self.names.has(id, in: .fills) else { return .known(nil) }
        return try self.read { try $0.fill(id: id) }.map { .known($0) } ?? .elsewhere
    }

    private func read<Value>(_ body: (SQLiteRows) throws -> Value?) throws -> Value? {
        try self.database.unsafeReentrantRead { try body(SQLiteRows(database: $0)) }
    }

    /// Forgets what can be fetched again, once there is much of it. All that was decided must be in the database.
    package func pruneIfLarge() throws {
        guard self.rowCount > Self.rowsMax else { return }
        try self.database.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA foreign_keys = OFF;
                    BEGIN IMMEDIATE;
                    DELETE FROM fills;
                    DELETE FROM cash_entries;
                    DELETE FROM adjustments;
                    DELETE FROM alerts;
                    DELETE FROM sessions;
                    DELETE FROM orders WHERE is_open = 0;
                    DELETE FROM order_events WHERE sequence NOT IN (SELECT event FROM orders);
                    DELETE FROM books WHERE sequence < (SELECT max(sequence) FROM books);
                    COMMIT;
                    PRAGMA foreign_keys = ON;
                    """)
        }
        self.rowCount = 0
    }
}

/// Executes writes and keeps them.
private final class RecordingRows: GroupDatabase {
    private let rows: SQLiteRows
    private let unread: Set<String>
    private(set) var writes: [StoredWrite] = []
    private var countBefore = 0

    init(_ rows: SQLiteRows, unread: Set<String>) {
        self.rows = rows
        self.unread = unread
    }

    func apply(_ write: StoredWrite) throws {
        let isRead: Bool
        switch write {
        case .put(let table, _, _), .remove(let table, _), .clear(let table): isRead = !self.unread.contains(table)
        case .fold, .trim: isRead = false
        }
        if isRead { try self.rows.apply(write) }
        self.writes.append(write)
    }

    func beginBatch() throws {
        self.countBefore = self.writes.count
        try self.rows.beginBatch()
    }

    func rollBackBatch() throws {
        self.writes.removeLast(self.writes.count - self.countBefore)
        try self.rows.rollBackBatch()
    }

    func endBatch() throws { try self.rows.endBatch() }

    func forEach(_ sql: String, _ arguments: [StoredValue], _ body: (StoredRow) throws -> Void) throws {
        try self.rows.forEach(sql, arguments, body)
    }

    func first(_ sql: String, _ arguments: [StoredValue]) throws -> StoredRow? {
        try self.rows.first(sql, arguments)
    }

    func hasTable(_ name: String) throws -> Bool { try self.rows.hasTable(name) }
    func checkStructure() throws { try self.rows.checkStructure() }
}
