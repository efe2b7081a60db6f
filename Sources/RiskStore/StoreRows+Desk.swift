// SPDX-License-Identifier: Apache-2.0
// What the desk reads, from any database.

import RiskDomain

extension StoreRows {
    private var currentOrders: String { "SELECT e.* FROM orders AS o JOIN order_events AS e ON e.sequence = o.event" }

    package func order(id: UInt64) throws -> Order? {
        guard let key = Int64(exactly: id) else { return nil }
        return try self.first("\(self.currentOrders) WHERE o.id = ?", [.integer(key)]).map(Order.init(row:))
    }

    package func order(account: String, clientOrderID: String) throws -> Order? {
        let sql = "\(self.currentOrders) WHERE o.account = ? AND o.client_order_id = ?"
        return try self.first(sql, [.text(account), .text(clientOrderID)]).map(Order.init(row:))
    }

    package func original(orderID: UInt64) throws -> Order? {
        guard let key = Int64(exactly: orderID) else { return nil }
        let sql = "SELECT * FROM order_events WHERE order_id = ? ORDER BY sequence LIMIT 1"
        return try self.first(sql, [.integer(key)]).map(Order.init(row:))
    }

    package func fill(id: String) throws -> Fill? {
        try self.first("SELECT * FROM fills WHERE id = ?", [.text(id)]).map(Fill.init(row:))
    }

    func fills(ofOrder orderID: UInt64) throws -> [Fill] {
        guard let key = Int64(exactly: orderID) else { return [] }
        return try self.all(
            "SELECT * FROM fills WHERE order_id = ? ORDER BY sequence", [.integer(key)], Fill.init(row:))
    }

    func fills(ids: [String]) throws -> [Fill] {
        let wanted = Set(ids).sorted().map(StoredValue.text)
        if wanted.isEmpty { return [] }
        let marks = repeatElement("?", count: wanted.count).joined(separator: ", ")
        let sql = "SELECT * FROM fills WHERE id IN (\(marks)) OR reverses IN (\(marks)) ORDER BY sequence"
        return try self.all(sql, wanted + wanted, Fill.init(row:))
    }

    func streamPositions() throws -> [StreamPosition] {
        try self.all("SELECT * FROM stream_positions ORDER BY topic, partition", [], StreamPosition.init(row:))
    }

    func orders(_ filter: OrderFilter, page: PageRequest) throws -> Page<Order> {
        let list = KeysetList(select: self.currentOrders, key: "o.id", account: "o.account")
        let condition = filter.isOpenOnly ? "o.is_open = 1" : nil
        return try list.page(page, accounts: filter.accounts, condition: condition, in: self) { row in
            let order = try Order(row: row)
            return (order.id, order)
        }
    }

    func fills(_ filter: RecordFilter, page: PageRequest) throws -> Page<Fill> {
        let list = KeysetList(select: "SELECT * FROM fills", key: "sequence", account: "account")
        return try list.page(page, accounts: filter.accounts, in: self) {
            (try $0.get("sequence"), try Fill(row: $0))
        }
    }

    func alerts(_ filter: RecordFilter, page: PageRequest) throws -> Page<AlertRecord> {
        let list = KeysetList(select: "SELECT * FROM alerts", key: "id", account: "account")
        return try list.page(page, accounts: filter.accounts, in: self) {
            (try $0.get("id"), try AlertRecord(row: $0))
        }
    }

    func audit(_ filter: RecordFilter, page: PageRequest) throws -> Page<AuditEntry> {
        let list = KeysetList(select: "SELECT * FROM audit", key: "sequence", account: "account")
        return try list.page(page, accounts: filter.accounts, in: self) {
            (try $0.get("sequence"), try AuditEntry(row: $0))
        }
    }

    func history(
        account: String?, resolution: HistoryResolution, fromSeconds: Int64, limit: Int
    ) throws -> [HistoryInterval] {
        let sql = """
            SELECT * FROM history WHERE resolution = ? AND scope = ? AND seconds >= ? ORDER BY seconds LIMIT ?
            """
        return try self.all(
            sql,
            [
                .integer(resolution.rawValue), .text(scope(account)), .integer(fromSeconds),
                .integer(Int64(min(max(limit, 1), PageRequest.limitMax))),
            ], HistoryInterval.init(row:))
    }

    /// In one transaction of a reader.
    func snapshot(ordersSinceNanoseconds: Int64) throws -> DeskSnapshot {
        var snapshot = DeskSnapshot()
        snapshot.accounts = try self.all("SELECT * FROM accounts ORDER BY id", [], Account.init(row:))
        snapshot.positions = try self.all(
            "SELECT * FROM positions ORDER BY account, symbol", [], Position.init(row:))
        snapshot.carried = try self.all(
            "SELECT * FROM carried_totals ORDER BY account, symbol", [], CarriedTotal.init(row:))
        try self.readBook(&snapshot)
        try self.readOrders(&snapshot, since: ordersSinceNanoseconds)
        try self.readControl(&snapshot)
        try self.readAccess(&snapshot)
        snapshot.streamPositions = try self.streamPositions()
        return snapshot
    }

    private func readBook(_ snapshot: inout DeskSnapshot) throws {
        let book = try self.first("SELECT * FROM books ORDER BY sequence DESC LIMIT 1", [])
        snapshot.bookDay = try book.map { CalendarDay(daysSince1970: try $0.get("day")) }
        let sql = "SELECT time_ns FROM books WHERE kind <> ? ORDER BY sequence DESC LIMIT 1"
        let began = try self.first(sql, [.text(OpeningBook.Kind.extended.rawValue)])
        snapshot.bookNanoseconds = try began?.get("time_ns") ?? 0
        func after<Record>(
            _ table: ChainedTable, _ column: String, _ make: (StoredRow) throws -> Record
        ) throws -> [Record] {
            let count: Int64 = try book?.get(column) ?? 0
            return try self.all(
                "SELECT * FROM \(table.name) WHERE sequence > ? ORDER BY sequence", [.integer(count)], make)
        }
        snapshot.fills = try after(.fills, "fill_count", Fill.init(row:))
        snapshot.cash = try after(.cash, "cash_count", CashEntry.init(row:))
        snapshot.adjustments = try after(.adjustments, "adjustment_count", PositionAdjustment.init(row:))
    }

    private func readOrders(_ snapshot: inout DeskSnapshot, since: Int64) throws {
        let wanted = "WHERE o.is_open = 1 OR o.created_ns >= ?"
        snapshot.orders = try self.all(
            "\(self.currentOrders) \(wanted) ORDER BY o.id", [.integer(since)], Order.init(row:))
        let first = "SELECT min(sequence) FROM order_events WHERE order_id = o.id"
        snapshot.originals = try self.all(
            "SELECT e.* FROM orders AS o JOIN order_events AS e ON e.sequence = (\(first)) \(wanted) ORDER BY o.id",
            [.integer(since)], Order.init(row:))
        snapshot.orderFills = try self.all(
            "SELECT f.* FROM orders AS o JOIN fills AS f ON f.order_id = o.id \(wanted) ORDER BY f.sequence",
            [.integer(since)], Fill.init(row:))
        snapshot.lastOrderID = try self.integer("SELECT max(id) FROM orders").map { UInt64(clamping: $0) } ?? 0
    }

    private func readControl(_ snapshot: inout DeskSnapshot) throws {
        snapshot.limits = try self.all("SELECT * FROM limits ORDER BY id", [], LimitRecord.init(row:))
        snapshot.killSwitches = try self.all("SELECT * FROM kill_switches ORDER BY scope", [], KillSwitch.init(row:))
        snapshot.alerts = try self.all(
            "SELECT * FROM alerts WHERE state <> 'resolved' ORDER BY id", [], AlertRecord.init(row:))
        snapshot.lastAlertID = try self.integer("SELECT max(id) FROM alerts").map { UInt64(clamping: $0) } ?? 0
        try self.forEach("SELECT * FROM notes", []) { row in
            snapshot.notes[try row.get("name")] = try row.get("value")
        }
    }

    private func readAccess(_ snapshot: inout DeskSnapshot) throws {
        snapshot.users = try self.all("SELECT * FROM users ORDER BY name", [], UserRecord.init(row:))
        snapshot.grants = try self.all(
            "SELECT * FROM grants ORDER BY \"user\", scope, role", [], AccountGrant.init(row:))
        snapshot.sessions = try self.all("SELECT * FROM sessions ORDER BY token_hash", [], SessionRecord.init(row:))
        snapshot.tokens = try self.all("SELECT * FROM tokens ORDER BY id", [], AccessToken.init(row:))
        snapshot.watchlists = try self.all("SELECT * FROM watchlists ORDER BY \"user\", name") { row in
            Watchlist(user: try row.get("user"), name: try row.get("name"), symbols: [])
        }
        for index in snapshot.watchlists.indices {
            let list = snapshot.watchlists[index]
            snapshot.watchlists[index].symbols = try self.all(
                "SELECT symbol FROM watchlist_symbols WHERE \"user\" = ? AND name = ? ORDER BY place",
                [.text(list.user), .text(list.name)]
            ) { try $0.get("symbol") }
        }
        snapshot.preferences = try self.all("SELECT * FROM preferences ORDER BY \"user\"") { row in
            UserPreferences(user: try row.get("user"), content: try row.get("content"))
        }
    }
}

/// A list read by descending key, one page after the other.
struct KeysetList {
    let select: String
    let key: String
    let account: String

    func page<Element>(
        _ page: PageRequest, accounts: [String]?, condition: String? = nil, in database: some StoreRows,
        decode: (StoredRow) throws -> (key: UInt64, element: Element)
    ) throws -> Page<Element> {
        var conditions = condition.map { [$0] } ?? []
        var arguments: [StoredValue] = []
        if let before = page.before {
            conditions.append("\(self.key) < ?")
            arguments.append(.integer(Int64(clamping: before)))
        }
        if let accounts {
            let marks = repeatElement("?", count: accounts.count).joined(separator: ", ")
            conditions.append(accounts.isEmpty ? "1 = 0" : "\(self.account) IN (\(marks))")
            arguments += accounts.map(StoredValue.text)
        }
        let restriction = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        // One more than asked for tells whether there is a next page.
        arguments.append(.integer(Int64(page.limit + 1)))
        let rows = try database.all(
            "\(self.select) \(restriction) ORDER BY \(self.key) DESC LIMIT ?", arguments, decode)
        let items = rows.prefix(page.limit)
        return Page(items: items.map(\.element), next: rows.count > page.limit ? items.last?.key : nil)
    }
}
