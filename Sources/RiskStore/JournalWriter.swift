// SPDX-License-Identifier: Apache-2.0
// The rules of the journal: what an entry does to the tables, and why it is refused.

import RiskDomain

/// One group's writing, inside a transaction of the one writer. A value: the caller puts back an older one when it
/// rolls back.
package struct JournalWriter<Target: JournalDatabase> {
    private enum Outcome { case appended, repeated }

    let database: Target
    package var heads: ChainHeads

    package init(database: Target, heads: ChainHeads) {
        self.database = database
        self.heads = heads
    }

    package mutating func append(_ entries: [JournalEntry]) throws -> JournalReceipt {
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

    private func put(_ table: String, _ columns: [StoredColumn], key: [String] = []) throws {
        try self.database.apply(.put(table: table, columns: columns, key: key))
    }

    private func remove(_ table: String, _ columns: [StoredColumn]) throws {
        try self.database.apply(.remove(table: table, columns: columns))
    }

    private func replace(_ entry: JournalEntry) throws {
        switch entry {
        case .order, .fill, .cash, .adjustment, .book, .audit: preconditionFailure("chained entries are appended")
        case .note(let name, let value):
            try self.put("notes", [("name", cell(name)), ("value", cell(value))], key: ["name"])
        case .limit(let limit): try self.put("limits", limit.columns(), key: ["id"])
        case .limitRemoved(let id): try self.remove("limits", [("id", cell(id))])
        case .killSwitch(let kill): try self.put("kill_switches", kill.columns(), key: ["scope"])
        case .alert(let alert): try self.put("alerts", alert.columns(), key: ["id"])
        case .user(let user): try self.put("users", user.columns(), key: ["name"])
        case .grant(let grant): try self.put("grants", grant.columns(), key: ["user", "scope", "role"])
        case .grantRemoved(let grant): try self.remove("grants", grant.columns())
        case .session(let session): try self.put("sessions", session.columns(), key: ["token_hash"])
        case .sessionEnded(let hash): try self.remove("sessions", [("token_hash", cell(hash))])
        case .token(let token): try self.put("tokens", token.columns(), key: ["id"])
        case .tokenRevoked(let id): try self.remove("tokens", [("id", cell(id))])
        case .watchlist(let list): try self.replace(list)
        case .watchlistRemoved(let user, let name):
            try self.remove("watchlists", [("user", cell(user)), ("name", cell(name))])
        case .preferences(let preferences):
            try self.put(
                "preferences", [("user", cell(preferences.user)), ("content", cell(preferences.content))],
                key: ["user"])
        case .streamPosition(let position):
            try self.put("stream_positions", position.columns(), key: ["topic", "partition"])
        case .history(let point):
            for resolution in HistoryResolution.allCases {
                try self.database.apply(.fold(HistoryFold.values(point, resolution)))
            }
        case .historyTrimmed(let resolution, let seconds):
            try self.database.apply(.trim(resolution: resolution.rawValue, beforeSeconds: seconds))
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
        let event = try self.database.integer("SELECT event FROM orders WHERE id = ?", [cell(order.id)])
        if let event, let present = try table.values(sequence: event, in: self.database) {
            if present == columns.map(\.value) { return .repeated }
            let fixed = ["account", "client_order_id", "symbol", "side", "user", "created_ns"]
            for (column, old) in zip(columns, present) where fixed.contains(column.name) && column.value != old {
                throw StoreError.conflict(table: "orders", id: "\(order.id)")
            }
        }
        if event == nil, let client = order.request.clientOrderID {
            let other = try self.database.integer(
                "SELECT id FROM orders WHERE account = ? AND client_order_id = ?",
                [cell(order.request.account), cell(client)])
            if other != nil { throw StoreError.conflict(table: "orders", id: client) }
        }
        try table.append(columns, after: &self.heads[table], in: self.database)
        let current: [StoredColumn] = [
            ("id", try cell(order.id)), ("event", try cell(self.heads[table].count)),
            ("account", try cell(order.request.account)), ("client_order_id", try cell(order.request.clientOrderID)),
            ("is_open", try cell(!order.status.isFinal)), ("created_ns", try cell(order.createdNanoseconds)),
        ]
        try self.put("orders", current, key: ["id"])
        return .appended
    }

    private mutating func append(_ book: OpeningBook) throws {
        let isFirst = self.heads[.books].count == 0
        guard isFirst == (book.kind == .imported) else {
            let fact = isFirst ? "a day roll needs a book before it" : "a book was imported before"
            throw StoreError.refused(reason: fact)
        }
        for account in book.accounts { try self.put("accounts", account.columns(), key: ["id"]) }
        try self.clearBook(for: book)
        for position in book.positions { try self.put("positions", position.columns()) }
        for total in book.carried { try self.put("carried_totals", total.columns()) }
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
            try self.database.apply(.clear(table: "positions"))
            try self.database.apply(.clear(table: "carried_totals"))
            return
        }
        for account in book.accounts {
            for table in ["positions", "carried_totals"] {
                try self.remove(table, [("account", cell(account.id))])
            }
        }
    }

    /// How much of the journal is in the book: all of it, in an extension what is in the book before.
    private func counts(for book: OpeningBook) throws -> (fills: Int64, cash: Int64, adjustments: Int64) {
        let heads = self.heads
        guard book.kind == .extended,
            let last = try self.database.first("SELECT * FROM books ORDER BY sequence DESC LIMIT 1", [])
        else { return (heads[.fills].count, heads[.cash].count, heads[.adjustments].count) }
        return (try last.get("fill_count"), try last.get("cash_count"), try last.get("adjustment_count"))
    }

    private func replace(_ list: Watchlist) throws {
        let key: [StoredColumn] = [("user", try cell(list.user)), ("name", try cell(list.name))]
        try self.remove("watchlist_symbols", key)
        try self.put("watchlists", key, key: ["user", "name"])
        for (place, symbol) in list.symbols.enumerated() {
            let row: [StoredColumn] = key + [("place", try cell(Int64(place))), ("symbol", try cell(symbol))]
            try self.put("watchlist_symbols", row)
        }
    }
}

/// What a book row says accounts and positions are.
enum BookContent {
    static func digest(_ database: some StoreRows) throws -> String {
        var digest = ContentDigest()
        for (table, order) in [("accounts", "id"), ("positions", "account, symbol")] {
            digest.add(table)
            try database.forEach("SELECT * FROM \(table) ORDER BY \(order)", []) { row in
                for value in row.values { digest.add(value) }
            }
        }
        // Books of older versions carry nothing, and their digests know of no such table.
        guard try database.hasTable("carried_totals") else { return digest.finish() }
        try database.forEach("SELECT * FROM carried_totals ORDER BY account, symbol", []) { row in
            for value in row.values { digest.add(value) }
        }
        return digest.finish()
    }
}
