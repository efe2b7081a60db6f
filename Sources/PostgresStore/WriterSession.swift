// SPDX-License-Identifier: Apache-2.0
// The one connection that writes: what is checked of the server, the lock, and the fence around every transaction.

import RiskStore

/// What the server says of the store.
struct ServerState: Sendable, Equatable {
    /// Of this store, for ever.
    var identity: String
    /// How often it was taken over; whoever has an older number is fenced off.
    var writer: Int64
    var heads: ChainHeads
}

/// Settings of a connection that writes or reads.
struct SessionSettings: Sendable {
    var schema: SchemaName
    /// For each statement, on the server and here.
    var timeoutMilliseconds: Int
    /// Whether somebody on another machine may wait for our end.
    var isSucceeded = false
}

/// Ownership: as of its connection.
struct WriterSession {
    /// "TRSP" before the identifier of the table that is locked for.
    private static let lockClass = 0x5452_5350
    private static let historyRowsMin = 64

    let connection: PostgresConnection

    init(_ parameters: ConnectionParameters, _ settings: SessionSettings) throws {
        // The server gives up first, and says why.
        self.connection = try PostgresConnection(
            parameters, waitMilliseconds: settings.timeoutMilliseconds + 1_000)
        let timeout = settings.timeoutMilliseconds
        try self.connection.simple(
            """
            SET search_path = \(settings.schema.text), pg_temp; SET statement_timeout = \(timeout);
            SET lock_timeout = \(timeout); SET idle_in_transaction_session_timeout = \(10 * timeout);
            """)
        if settings.isSucceeded {
            // The server's own are hours, for which a machine that is gone would keep the lock.
            try self.connection.simple(
                """
                SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2;
                SET tcp_user_timeout = 4000
                """)
        }
        if try self.setting("synchronous_commit") != "remote_apply" {
            try self.connection.simple("SET synchronous_commit = on")
        }
        try self.checkDurability()
    }

    private func setting(_ name: String) throws -> String {
        try PostgresRows(connection: self.connection).text("SELECT current_setting(?)", [.text(name)]) ?? "unknown"
    }

    /// What durability and comparisons rest on.
    private func checkDurability() throws {
        let wanted = [
            ("fsync", ["on"]), ("synchronous_commit", ["on", "remote_apply"]), ("server_encoding", ["UTF8"]),
            ("transaction_read_only", ["off"]),
        ]
        for (name, expected) in wanted {
            let actual = try self.setting(name)
            guard expected.contains(actual) else {
                // A standby may become the primary while we wait.
                if name == "transaction_read_only" {
                    throw PostgresError(sqlState: "25006", message: "the server takes no writes")
                }
                throw StoreError.notDurable(setting: name, expected: expected[0], actual: actual)
            }
        }
    }

    /// What the server should have and can do without.
    func warnings() throws -> [String] {
        guard try self.setting("full_page_writes") != "on" else { return [] }
        return [
            "full_page_writes is off: a crash of the server's machine may tear pages, unless its file system never does"
        ]
    }

    /// Takes the store for this session; it is free again when the server has ended the session.
    /// - Returns: whether it was free.
    func lock() throws -> Bool {
        let sql = "SELECT pg_try_advisory_lock(\(Self.lockClass), 'store'::regclass::oid::int)"
        return try PostgresRows(connection: self.connection).integer(sql) == 1
    }

    func state() throws -> ServerState {
        try self.connection.atOneMoment { rows in
            guard let row = try rows.first("SELECT identity, writer FROM store WHERE id = 1", []),
                case .text(let identity) = row["identity"], case .integer(let writer) = row["writer"]
            else { throw StoreError.unreadable(reason: "the table store has no row") }
            return ServerState(identity: identity, writer: writer, heads: try StoreVerification.heads(rows))
        }
    }

    /// Fences off whoever wrote before.
    /// - Returns: our number.
    func takeOver() throws -> Int64 {
        let sql = "UPDATE store SET writer = writer + 1 WHERE id = 1 RETURNING writer"
        guard let writer = try PostgresRows(connection: self.connection).integer(sql) else {
            throw StoreError.unreadable(reason: "the table store has no row")
        }
        return writer
    }

    // MARK: Transactions

    /// Locks the row every writer needs, and divides by zero where another one has taken over or commits are missing.
    private static let fence = """
        WITH fenced AS (UPDATE store SET commits = ? WHERE id = 1 AND commits = ? AND writer = ? RETURNING 1)
        SELECT 1 / count(*) FROM fenced
        """

    /// Writes in one transaction: nothing, or all of it and durably.
    ///
    /// - Parameters:
    ///   - commits: before and after.
    ///   - partitions: days that have one, by resolution; grows and shrinks with what is committed.
    /// - Throws: ``PostgresError``; where that is passing, nobody knows whether it was committed.
    func commit(
        _ writes: [StoredWrite], commits: (before: Int64, after: Int64), writer: Int64,
        partitions: inout HistoryPartitions
    ) throws {
        let fence: [StoredValue] = [.integer(commits.after), .integer(commits.before), .integer(writer)]
        var statements: [(sql: String, arguments: [StoredValue])] = [("BEGIN", []), (Self.fence, fence)]
        var known = partitions
        var history: [StoredWrite] = []
        for write in writes {
            switch write {
            case .fold, .trim: history.append(write)
            default: statements.append(write.statement(.postgres))
            }
        }
        guard history.count >= Self.historyRowsMin else {
            for write in history { statements += known.statements(for: write) }
            try self.connection.pipeline(statements + [("COMMIT", [])])
            partitions = known
            return
        }
        try self.connection.pipeline(statements)
        try self.copy(history, &known)
        try self.connection.commit()
        partitions = known
    }

    /// Many intervals at once: copied beside, then taken in by one statement.
    private func copy(_ history: [StoredWrite], _ partitions: inout HistoryPartitions) throws {
        try self.connection.simple(
            "CREATE TEMPORARY TABLE IF NOT EXISTS history_in (LIKE history) ON COMMIT DELETE ROWS")
        var intervals: [[StoredValue]] = []
        for write in history {
            if case .fold(let values) = write {
                for statement in partitions.making(write) {
                    try self.connection.query(statement.sql, statement.arguments)
                }
                intervals.append(values)
                continue
            }
            try self.takeIn(intervals)
            intervals = []
            for statement in partitions.statements(for: write) {
                try self.connection.query(statement.sql, statement.arguments)
            }
        }
        try self.takeIn(intervals)
    }

    private func takeIn(_ intervals: [[StoredValue]]) throws {
        guard !intervals.isEmpty else { return }
        var rest = HistoryFold.merged(intervals)[...]
        try self.connection.copy("pg_temp.history_in", HistoryFold.columns) { bytes in
            guard let next = rest.popFirst() else { return false }
            PostgresText.copyLine(next, into: &bytes)
            return true
        }
        let columns = HistoryFold.columns.joined(separator: ", ")
        try self.connection.simple(StoreDialect.postgres.fold("SELECT \(columns) FROM pg_temp.history_in"))
        try self.connection.simple("TRUNCATE pg_temp.history_in")
    }
}
