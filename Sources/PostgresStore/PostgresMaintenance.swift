// SPDX-License-Identifier: Apache-2.0
// What is done to a database while no daemon works on it: its schema, and a store of SQLite brought into it.

import RiskStore

public enum PostgresMaintenance {
    private static let timeoutMilliseconds = 3_600_000
    /// Each after what it refers to, with what its rows are read in the order of.
    private static let tables: [(name: String, key: [String])] = [
        ("accounts", ["id"]), ("positions", ["account", "symbol"]), ("carried_totals", ["account", "symbol"]),
        ("order_events", ["sequence"]), ("orders", ["id"]), ("fills", ["sequence"]), ("cash_entries", ["sequence"]),
        ("adjustments", ["sequence"]), ("books", ["sequence"]), ("audit", ["sequence"]), ("notes", ["name"]),
        ("limits", ["id"]), ("kill_switches", ["scope"]), ("alerts", ["id"]), ("users", ["name"]),
        ("grants", ["user", "scope", "role"]), ("sessions", ["token_hash"]), ("tokens", ["id"]),
        ("watchlists", ["user", "name"]), ("watchlist_symbols", ["user", "name", "place"]),
        ("preferences", ["user"]), ("stream_positions", ["topic", "partition"]),
        ("history", ["resolution", "scope", "seconds"]),
    ]

    /// Makes the tables or brings them to this version.
    ///
    /// - Parameter service: a role that gets what a daemon needs and no more; `nil` for none.
    public static func migrate(
        _ parameters: ConnectionParameters, schema: SchemaName, service: String?
    ) throws {
        let connection = try PostgresConnection(parameters, waitMilliseconds: self.timeoutMilliseconds)
        defer { connection.close() }
        try PostgresSchema.migrate(connection, schema: schema, service: service)
    }

    /// Brings a store of SQLite, whose daemon does not run, into a schema that holds nothing: every row and every chain
    /// in one transaction, compared before it is committed.
    ///
    /// - Parameter progress: told rows brought and rows there are.
    /// - Returns: rows of each table.
    public static func copy(
        from directory: String, to parameters: ConnectionParameters, schema: SchemaName,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> [(table: String, rows: Int)] {
        // Nobody else opens the directory meanwhile, and none is made where there was none.
        let source = try StoreReader(directory: directory)
        let lock = try StoreDirectory(directory)
        defer { lock.release() }
        _ = try source.verify()
        try self.migrate(parameters, schema: schema, service: nil)
        let session = try WriterSession(
            parameters, SessionSettings(schema: schema, timeoutMilliseconds: self.timeoutMilliseconds))
        defer { session.connection.close() }
        guard try session.lock() else { throw StoreError.alreadyOpen(directory: "the schema \(schema.text)") }
        guard try session.state().heads.commits == 0 else {
            throw StoreError.refused(reason: "the schema \(schema.text) holds a store already")
        }
        return try source.read { rows in
            try session.connection.simple("BEGIN")
            let counts = try self.copy(rows, to: session.connection, progress)
            try self.compare(rows, PostgresRows(connection: session.connection))
            try session.connection.commit()
            return counts
        }
    }

    private static func copy(
        _ source: any StoreRows, to connection: PostgresConnection, _ progress: (Int, Int) -> Void
    ) throws -> [(table: String, rows: Int)] {
        let counts = try self.tables.map { ($0.name, Int(try source.integer("SELECT count(*) FROM \($0.name)") ?? 0)) }
        let total = counts.reduce(0) { $0 + $1.1 }
        try self.makePartitions(source, connection)
        var done = 0
        for (table, key) in self.tables {
            try connection.copyRows(of: table, order: key, from: source) {
                done += 1
                if done % 1_000 == 0 { progress(done, total) }
            }
        }
        let commits = try source.integer("SELECT commits FROM store WHERE id = 1") ?? 0
        try connection.query(
            "UPDATE store SET commits = ?, writer = writer + 1 WHERE id = 1 AND commits = 0", [.integer(commits)])
        return counts
    }

    private static func makePartitions(_ source: any StoreRows, _ connection: PostgresConnection) throws {
        var partitions = HistoryPartitions()
        var needed: [StoredWrite] = []
        // Whole division rounds to zero on both sides of 1970: a little more than a day is named, none is missed.
        let days = """
            SELECT resolution, min(seconds), max(seconds) FROM history WHERE resolution < 86400
            GROUP BY resolution, seconds / 86400
            """
        try source.forEach(days, []) { row in
            for seconds in row.values[1...] { needed.append(.fold([row.values[0], .null, seconds])) }
        }
        for write in needed {
            for statement in partitions.making(write) { try connection.query(statement.sql, statement.arguments) }
        }
    }

    /// Every row of every table, and all chains anew.
    private static func compare(_ source: any StoreRows, _ target: PostgresRows) throws {
        let heads = try StoreVerification.heads(source)
        guard try StoreVerification.verify(target, acknowledged: heads) == heads else {
            throw StoreError.damaged(detail: "the copy's chains end elsewhere")
        }
        for (table, key) in self.tables {
            guard try self.digest(table, key, source) == self.digest(table, key, target) else {
                throw StoreError.damaged(detail: "the copy of \(table) differs")
            }
        }
    }

    private static func digest(_ table: String, _ key: [String], _ rows: any StoreRows) throws -> String {
        var previous = ContentDigest.none
        try rows.forEach("SELECT * FROM \(table) ORDER BY \(self.order(key))", []) { row in
            var digest = ContentDigest()
            digest.add(previous)
            // By name: tables may have their columns in another order.
            for (name, value) in zip(row.names, row.values).sorted(by: { $0.0 < $1.0 }) {
                digest.add(name)
                digest.add(value)
            }
            previous = digest.finish()
        }
        return previous
    }

    fileprivate static func order(_ key: [String]) -> String { key.map { "\"\($0)\"" }.joined(separator: ", ") }
}

extension PostgresConnection {
    /// Copies all rows of a table of the same name.
    fileprivate func copyRows(
        of table: String, order: [String], from source: any StoreRows, onRow: () -> Void
    ) throws {
        // The source calls with its rows, libpq wants them called for: a chunk goes from one to the other.
        var chunk: [StoredRow] = []
        func flush() throws {
            guard let names = chunk.first?.names else { return }
            var rest = chunk[...]
            try self.copy(table, names) { bytes in
                guard let row = rest.popFirst() else { return false }
                PostgresText.copyLine(row.values, into: &bytes)
                return true
            }
            chunk.removeAll(keepingCapacity: true)
        }
        try source.forEach("SELECT * FROM \(table) ORDER BY \(PostgresMaintenance.order(order))", []) { row in
            chunk.append(row)
            onRow()
            if chunk.count >= 10_000 { try flush() }
        }
        try flush()
    }
}
