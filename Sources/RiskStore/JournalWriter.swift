// SPDX-License-Identifier: Apache-2.0
// Writes journal entries into the tables, inside a transaction of the one writer.

import GRDB
import RiskDomain

/// One group's writing. A value: the caller puts back an older one when it rolls back.
struct JournalWriter {
    private enum Outcome { case appended, repeated }

    let database: Database
    var heads: ChainHeads

    mutating func append(_ entries: [JournalEntry]) throws -> JournalReceipt {
        var receipt = JournalReceipt(appendedCount: 0, repeatedCount: 0)
        for entry in entries {
            switch try self.append(entry) {
            case .appended: receipt.appendedCount += 1
            case .repeated: receipt.repeatedCount += 1
            }
        }
        return receipt
    }

    private mutating func append(_ entry: JournalEntry) throws -> Outcome {
        switch entry {
        case .order(let order): return try self.append(order)
        case .fill(let fill): return try self.append(fill.columns(), to: .fills, named: fill.id)
        case .cash(let cash): return try self.append(cash.columns(), to: .cash, named: cash.id)
        case .adjustment(let adjustment):
            return try self.append(adjustment.columns(), to: .adjustments, named: adjustment.id)
        case .book(let book): try self.append(book)
        case .audit(let audit):
            try ChainedTable.audit.append(audit.columns(), after: &self.heads[.audit], in: self.database)
        default: try self.replace(entry)
        }
        return .appended
    }

    private func replace(_ entry: JournalEntry) throws {
        let database = self.database
        switch entry {
        case .order, .fill, .cash, .adjustment, .book, .audit: preconditionFailure("chained entries are appended")
        case .note(let name, let value):
            try database.put("notes", [("name", cell(name)), ("value", cell(value))], key: ["name"])
        case .limit(let limit): try database.put("limits", limit.columns(), key: ["id"])
        case .limitRemoved(let id): try database.remove("limits", [("id", cell(id))])
        case .killSwitch(let kill): try database.put("kill_switches", kill.columns(), key: ["scope"])
        case .alert(let alert): try database.put("alerts", alert.columns(), key: ["id"])
        case .user(let user): try database.put("users", user.columns(), key: ["name"])
        case .grant(let grant): try database.put("grants", grant.columns(), key: ["user", "scope", "role"])
        case .grantRemoved(let grant): try database.remove("grants", grant.columns())
        case .session(let session): try database.put("sessions", session.columns(), key: ["token_hash"])
        case .sessionEnded(let hash): try database.remove("sessions", [("token_hash", cell(hash))])
        case .token(let token): try database.put("tokens", token.columns(), key: ["id"])
        case .tokenRevoked(let id): try database.remove("tokens", [("id", cell(id))])
        case .watchlist(let list): try self.replace(list)
        case .watchlistRemoved(let user, let name):
            try database.remove("watchlists", [("user", cell(user)), ("name", cell(name))])
        case .preferences(let preferences):
            try database.put(
                "preferences", [("user", cell(preferences.user)), ("content", cell(preferences.content))],
                key: ["user"])
        case .streamPosition(let position):
            try database.put("stream_positions", position.columns(), key: ["topic", "partition"])
        case .history(let point): for resolution in HistoryResolution.allCases { try self.fold(point, resolution) }
        case .historyTrimmed(let resolution, let seconds):
            try database.cachedStatement(sql: "DELETE FROM history WHERE resolution = ? AND seconds < ?")
                .execute(arguments: [resolution.rawValue, seconds])
        }
    }

    /// A row that has a name for ever: the same again changes nothing, another under its name is refused.
    private mutating func append(
        _ columns: [StoredColumn], to table: ChainedTable, named id: String
    ) throws -> Outcome {
        if let present = try table.values(identity: cell(id), in: self.database) {
            guard present == columns.map(\.value) else { throw StoreError.conflict(table: table.name, id: id) }
            return .repeated
        }
        try table.append(columns, after: &self.heads[table], in: self.database)
        return .appended
    }

    /// Adds an event and points the order at it. What identifies an order never changes.
    private mutating func append(_ order: Order) throws -> Outcome {
        let table = ChainedTable.orderEvents
        let columns = try order.columns()
        let event = try Int64.fetchOne(
            self.database.cachedStatement(sql: "SELECT event FROM orders WHERE id = ?"), arguments: [cell(order.id)])
        if let event, let present = try table.values(sequence: event, in: self.database) {
            if present == columns.map(\.value) { return .repeated }
            let fixed = ["account", "client_order_id", "symbol", "side", "user", "created_ns"]
            for (column, old) in zip(columns, present) where fixed.contains(column.name) && column.value != old {
                throw StoreError.conflict(table: "orders", id: "\(order.id)")
            }
        }
        if event == nil, let client = order.request.clientOrderID {
            let other = try Int64.fetchOne(
                self.database.cachedStatement(
                    sql: "SELECT id FROM orders WHERE account = ? AND client_order_id = ?"),
                arguments: [cell(order.request.account), cell(client)])
            if other != nil { throw StoreError.conflict(table: "orders", id: client) }
        }
        try table.append(columns, after: &self.heads[table], in: self.database)
        let current: [StoredColumn] = [
            ("id", try cell(order.id)), ("event", self.heads[table].count.databaseValue),
            ("account", try cell(order.request.account)), ("client_order_id", try cell(order.request.clientOrderID)),
            ("is_open", try cell(!order.status.isFinal)), ("created_ns", try cell(order.createdNanoseconds)),
        ]
        try self.database.put("orders", current, key: ["id"])
        return .appended
    }

    private mutating func append(_ book: OpeningBook) throws {
        let isFirst = self.heads[.books].count == 0
        guard isFirst == (book.kind == .imported) else {
            let fact = isFirst ? "a day roll needs a book before it" : "a book was imported before"
            throw StoreError.refused(reason: fact)
        }
        for account in book.accounts { try self.database.put("accounts", account.columns(), key: ["id"]) }
        try self.clearBook(for: book)
        for position in book.positions { try self.database.put("positions", position.columns()) }
        for total in book.carried { try self.database.put("carried_totals", total.columns()) }
        let counts = try self.counts(for: book)
        let columns: [StoredColumn] = [
            ("kind", try cell(book.kind.rawValue)), ("day", try cell(Int64(book.day.daysSince1970))),
            ("time_ns", try cell(book.timeNanoseconds)), ("fill_count", try cell(counts.fills)),
            ("cash_count", try cell(counts.cash)), ("adjustment_count", try cell(counts.adjustments)),
            ("content", try cell(BookContent.digest(self.database))),
        ]
        try ChainedTable.books.append(columns, after: &self.heads[.books], in: self.database)
    }

    private func clearBook(for book: OpeningBook) throws {
        guard book.kind == .extended else {
            try self.database.execute(sql: "DELETE FROM positions")
            try self.database.execute(sql: "DELETE FROM carried_totals")
            return
        }
        for account in book.accounts {
            for table in ["positions", "carried_totals"] {
                try self.database.remove(table, [("account", cell(account.id))])
            }
        }
    }

    /// How much of the journal is in the book: all of it, in an extension what is in the book before.
    private func counts(for book: OpeningBook) throws -> (fills: Int64, cash: Int64, adjustments: Int64) {
        let heads = self.heads
        guard book.kind == .extended,
            let last = try Row.fetchOne(self.database, sql: "SELECT * FROM books ORDER BY sequence DESC LIMIT 1")
        else { return (heads[.fills].count, heads[.cash].count, heads[.adjustments].count) }
        return (try last.get("fill_count"), try last.get("cash_count"), try last.get("adjustment_count"))
    }

    private func replace(_ list: Watchlist) throws {
        let key: [StoredColumn] = [("user", try cell(list.user)), ("name", try cell(list.name))]
        try self.database.remove("watchlist_symbols", key)
        try self.database.put("watchlists", key, key: ["user", "name"])
        for (place, symbol) in list.symbols.enumerated() {
            let row: [StoredColumn] = key + [("place", try cell(Int64(place))), ("symbol", try cell(symbol))]
            try self.database.put("watchlist_symbols", row)
        }
    }

    /// The interval keeps its last observation and the range of total P&L.
    private func fold(_ point: HistoryPoint, _ resolution: HistoryResolution) throws {
        let sql = """
            INSERT INTO history (resolution, scope, seconds, account, total_pnl, total_pnl_min, total_pnl_max, day_pnl,
                value_at_risk, expected_shortfall, gross_exposure, net_exposure)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (resolution, scope, seconds) DO UPDATE SET total_pnl = excluded.total_pnl,
                total_pnl_min = min(coalesce(total_pnl_min, excluded.total_pnl),
                    coalesce(excluded.total_pnl, total_pnl_min)),
                total_pnl_max = max(coalesce(total_pnl_max, excluded.total_pnl),
                    coalesce(excluded.total_pnl, total_pnl_max)),
                day_pnl = excluded.day_pnl, value_at_risk = excluded.value_at_risk,
                expected_shortfall = excluded.expected_shortfall, gross_exposure = excluded.gross_exposure,
                net_exposure = excluded.net_exposure
            """
        let values: [DatabaseValue] = [
            try cell(resolution.rawValue), try cell(scope(point.account)),
            try cell(resolution.start(of: point.seconds)), try cell(point.account), try cell(point.totalPnL),
            try cell(point.dayPnL), try cell(point.valueAtRisk), try cell(point.expectedShortfall),
            try cell(point.grossExposure), try cell(point.netExposure),
        ]
        try self.database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}

/// What a book row says accounts and positions are.
enum BookContent {
    static func digest(_ database: Database) throws -> String {
        var digest = ContentDigest()
        for (table, order) in [("accounts", "id"), ("positions", "account, symbol")] {
            digest.add(table)
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(table) ORDER BY \(order)")
            while let row = try rows.next() { for value in row.databaseValues { digest.add(value) } }
        }
        // Books of older versions carry nothing, and their digests know of no such table.
        guard try database.tableExists("carried_totals") else { return digest.finish() }
        let carried = try Row.fetchCursor(database, sql: "SELECT * FROM carried_totals ORDER BY account, symbol")
        while let row = try carried.next() { for value in row.databaseValues { digest.add(value) } }
        return digest.finish()
    }
}
