// SPDX-License-Identifier: Apache-2.0
// Reading: on connections of their own, beside the writer.

import GRDB
import RiskDomain

extension SQLiteStore {
    /// Runs on a reader, unless the store has stopped.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        if let refusal = self.failure { throw refusal }
        do { return try await self.pool.read(body) } catch { throw StoreError(wrapping: error) }
    }

    public func snapshot(ordersSinceNanoseconds: UInt64) async throws(StoreError) -> DeskSnapshot {
        let since = Int64(clamping: ordersSinceNanoseconds)
        return try await self.read { try DeskSnapshot.read($0, ordersSinceNanoseconds: since) }
    }

    public func order(id: UInt64) async throws(StoreError) -> Order? {
        guard let key = Int64(exactly: id) else { return nil }
        return try await self.read { database in
            let row = try Row.fetchOne(database, sql: "\(Self.currentOrders) WHERE o.id = ?", arguments: [key])
            return try row.map(Order.init(row:))
        }
    }

    public func order(account: String, clientOrderID: String) async throws(StoreError) -> Order? {
        try await self.read { database in
            let sql = "\(Self.currentOrders) WHERE o.account = ? AND o.client_order_id = ?"
            return try Row.fetchOne(database, sql: sql, arguments: [account, clientOrderID]).map(Order.init(row:))
        }
    }

    public func original(orderID: UInt64) async throws(StoreError) -> Order? {
        guard let key = Int64(exactly: orderID) else { return nil }
        return try await self.read { database in
            let sql = "SELECT * FROM order_events WHERE order_id = ? ORDER BY sequence LIMIT 1"
            return try Row.fetchOne(database, sql: sql, arguments: [key]).map(Order.init(row:))
        }
    }

    public func fill(id: String) async throws(StoreError) -> Fill? {
        try await self.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM fills WHERE id = ?", arguments: [id]).map(Fill.init(row:))
        }
    }

    public func fills(ofOrder orderID: UInt64) async throws(StoreError) -> [Fill] {
        guard let key = Int64(exactly: orderID) else { return [] }
        return try await self.read { database in
            let sql = "SELECT * FROM fills WHERE order_id = ? ORDER BY sequence"
            return try Row.fetchAll(database, sql: sql, arguments: [key]).map(Fill.init(row:))
        }
    }

    public func fills(ids: [String]) async throws(StoreError) -> [Fill] {
        let wanted = Set(ids).sorted().map(\.databaseValue)
        if wanted.isEmpty { return [] }
        return try await self.read { database in
            let marks = repeatElement("?", count: wanted.count).joined(separator: ", ")
            let sql = "SELECT * FROM fills WHERE id IN (\(marks)) OR reverses IN (\(marks)) ORDER BY sequence"
            return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(wanted + wanted))
                .map(Fill.init(row:))
        }
    }

    public func streamPositions() async throws(StoreError) -> [StreamPosition] {
        try await self.read(StreamPosition.all)
    }

    static let currentOrders = "SELECT e.* FROM orders AS o JOIN order_events AS e ON e.sequence = o.event"

    public func orders(_ filter: OrderFilter, page: PageRequest) async throws(StoreError) -> Page<Order> {
        try await self.read { database in
            let list = KeysetList(select: Self.currentOrders, key: "o.id", account: "o.account")
            let condition = filter.isOpenOnly ? "o.is_open = 1" : nil
            return try list.page(page, accounts: filter.accounts, condition: condition, in: database) { row in
                let order = try Order(row: row)
                return (order.id, order)
            }
        }
    }

    public func fills(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<Fill> {
        try await self.read { database in
            let list = KeysetList(select: "SELECT * FROM fills", key: "sequence", account: "account")
            return try list.page(page, accounts: filter.accounts, in: database) {
                (try $0.get("sequence"), try Fill(row: $0))
            }
        }
    }

    public func alerts(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AlertRecord> {
        try await self.read { database in
            let list = KeysetList(select: "SELECT * FROM alerts", key: "id", account: "account")
            return try list.page(page, accounts: filter.accounts, in: database) {
                (try $0.get("id"), try AlertRecord(row: $0))
            }
        }
    }

    public func audit(_ filter: RecordFilter, page: PageRequest) async throws(StoreError) -> Page<AuditEntry> {
        try await self.read { database in
            let list = KeysetList(select: "SELECT * FROM audit", key: "sequence", account: "account")
            return try list.page(page, accounts: filter.accounts, in: database) {
                (try $0.get("sequence"), try AuditEntry(row: $0))
            }
        }
    }

    public func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) async throws(StoreError) -> [HistoryInterval] {
        let arguments: StatementArguments = [
            resolution.rawValue, scope(account), fromSeconds, min(max(limit, 1), PageRequest.limitMax),
        ]
        return try await self.read { database in
            let sql = """
                SELECT * FROM history WHERE resolution = ? AND scope = ? AND seconds >= ? ORDER BY seconds LIMIT ?
                """
            return try Row.fetchAll(database, sql: sql, arguments: arguments).map(HistoryInterval.init(row:))
        }
    }
}

/// A list read by descending key, one page after the other.
struct KeysetList {
    let select: String
    let key: String
    let account: String

    func page<Element>(
        _ page: PageRequest, accounts: [String]?, condition: String? = nil, in database: Database,
        decode: (Row) throws -> (key: UInt64, element: Element)
    ) throws -> Page<Element> {
        var conditions = condition.map { [$0] } ?? []
        var arguments: [DatabaseValue] = []
        if let before = page.before {
            conditions.append("\(self.key) < ?")
            arguments.append(Int64(clamping: before).databaseValue)
        }
        if let accounts {
            let marks = repeatElement("?", count: accounts.count).joined(separator: ", ")
            conditions.append("\(self.account) IN (\(marks))")
            arguments += accounts.map(\.databaseValue)
        }
        let restriction = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        // One more than asked for tells whether there is a next page.
        arguments.append((page.limit + 1).databaseValue)
        let rows = try Row.fetchAll(
            database, sql: "\(self.select) \(restriction) ORDER BY \(self.key) DESC LIMIT ?",
            arguments: StatementArguments(arguments))
        let decoded = try rows.prefix(page.limit).map(decode)
        return Page(items: decoded.map(\.element), next: rows.count > page.limit ? decoded.last?.key : nil)
    }
}

extension DeskSnapshot {
    /// In one transaction of a reader.
    static func read(_ database: Database, ordersSinceNanoseconds: Int64) throws -> DeskSnapshot {
        func all<Record>(_ sql: String, _ arguments: StatementArguments = [], _ make: (Row) throws -> Record) throws
            -> [Record]
        {
            try Row.fetchAll(database, sql: sql, arguments: arguments).map(make)
        }
        var snapshot = DeskSnapshot()
        snapshot.accounts = try all("SELECT * FROM accounts ORDER BY id", [], Account.init(row:))
        snapshot.positions = try all("SELECT * FROM positions ORDER BY account, symbol", [], Position.init(row:))
        let book = try Row.fetchOne(database, sql: "SELECT * FROM books ORDER BY sequence DESC LIMIT 1")
        snapshot.bookDay = try book.map { CalendarDay(daysSince1970: try $0.get("day")) }
        let sql = "SELECT time_ns FROM books WHERE kind <> ? ORDER BY sequence DESC LIMIT 1"
        snapshot.bookNanoseconds =
            try UInt64.fetchOne(database, sql: sql, arguments: [OpeningBook.Kind.extended.rawValue]) ?? 0
        snapshot.carried = try all(
            "SELECT * FROM carried_totals ORDER BY account, symbol", [], CarriedTotal.init(row:))
        func after(_ table: ChainedTable, _ column: String) throws -> (String, StatementArguments) {
            let count: Int64 = try book?.get(column) ?? 0
            return ("SELECT * FROM \(table.name) WHERE sequence > ? ORDER BY sequence", [count])
        }
        let fills = try after(.fills, "fill_count")
        snapshot.fills = try all(fills.0, fills.1, Fill.init(row:))
        let cash = try after(.cash, "cash_count")
        snapshot.cash = try all(cash.0, cash.1, CashEntry.init(row:))
        let adjustments = try after(.adjustments, "adjustment_count")
        snapshot.adjustments = try all(adjustments.0, adjustments.1, PositionAdjustment.init(row:))
        let wanted = "WHERE o.is_open = 1 OR o.created_ns >= ?"
        snapshot.orders = try all(
            "\(SQLiteStore.currentOrders) \(wanted) ORDER BY o.id", [ordersSinceNanoseconds], Order.init(row:))
        let first = "SELECT min(sequence) FROM order_events WHERE order_id = o.id"
        snapshot.originals = try all(
            "SELECT e.* FROM orders AS o JOIN order_events AS e ON e.sequence = (\(first)) \(wanted) ORDER BY o.id",
            [ordersSinceNanoseconds], Order.init(row:))
        snapshot.orderFills = try all(
            "SELECT f.* FROM orders AS o JOIN fills AS f ON f.order_id = o.id \(wanted) ORDER BY f.sequence",
            [ordersSinceNanoseconds], Fill.init(row:))
        snapshot.lastOrderID = try UInt64.fetchOne(database, sql: "SELECT max(id) FROM orders") ?? 0
        snapshot.limits = try all("SELECT * FROM limits ORDER BY id", [], LimitRecord.init(row:))
        snapshot.killSwitches = try all("SELECT * FROM kill_switches ORDER BY scope", [], KillSwitch.init(row:))
        snapshot.alerts = try all(
            "SELECT * FROM alerts WHERE state <> 'resolved' ORDER BY id", [], AlertRecord.init(row:))
        snapshot.lastAlertID = try UInt64.fetchOne(database, sql: "SELECT max(id) FROM alerts") ?? 0
        for row in try Row.fetchAll(database, sql: "SELECT * FROM notes") {
            snapshot.notes[try row.get("name")] = try row.get("value")
        }
        snapshot.users = try all("SELECT * FROM users ORDER BY name", [], UserRecord.init(row:))
        snapshot.grants = try all("SELECT * FROM grants ORDER BY user, scope, role", [], AccountGrant.init(row:))
        snapshot.sessions = try all("SELECT * FROM sessions ORDER BY token_hash", [], SessionRecord.init(row:))
        snapshot.tokens = try all("SELECT * FROM tokens ORDER BY id", [], AccessToken.init(row:))
        snapshot.watchlists = try all("SELECT * FROM watchlists ORDER BY user, name") { row in
            let user: String = try row.get("user")
            let name: String = try row.get("name")
            let sql = "SELECT symbol FROM watchlist_symbols WHERE user = ? AND name = ? ORDER BY place"
            let symbols = try String.fetchAll(database, sql: sql, arguments: [user, name])
            return Watchlist(user: user, name: name, symbols: symbols)
        }
        snapshot.preferences = try all("SELECT * FROM preferences ORDER BY user") { row in
            UserPreferences(user: try row.get("user"), content: try row.get("content"))
        }
        snapshot.streamPositions = try StreamPosition.all(database)
        return snapshot
    }
}
