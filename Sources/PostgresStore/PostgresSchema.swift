// SPDX-License-Identifier: Apache-2.0
// The tables in PostgreSQL, and how an older schema becomes a newer one.

import RiskStore

/// Migrations are only ever added, as in SQLite's schema, whose columns and order of columns these tables have: digests
/// are computed over them. Text is compared byte by byte (`COLLATE "C"`), as SQLite does.
enum PostgresSchema {
    static let migrations: [(identifier: String, sql: [String])] = [
        ("1", [journal, control, access, views, history, partitions]),
        ("2", [streamPositions]),
    ]

    enum State: Equatable {
        case none, older, current, newer
    }

    static func state(_ rows: PostgresRows) throws -> State {
        guard try rows.hasTable("migrations") else { return .none }
        var present: Set<String> = []
        try rows.forEach("SELECT identifier FROM migrations", []) { row in
            if case .text(let identifier) = row.values[0] { present.insert(identifier) }
        }
        let known = Set(self.migrations.map(\.identifier))
        if !present.isSubset(of: known) { return .newer }
        return present == known ? .current : .older
    }

    /// Brings the schema to the newest version, all or nothing, while no other program does.
    ///
    /// - Parameter service: a role that gets what the daemon needs, and no more; `nil` for none.
    static func migrate(_ connection: PostgresConnection, schema: SchemaName, service: String?) throws {
        let rows = PostgresRows(connection: connection)
        try connection.simple("BEGIN")
        do {
            try connection.query(
                "SELECT pg_advisory_xact_lock(1414681168, hashtext(?))", [.text("migrate \(schema.text)")])
            let exists = try rows.integer("SELECT count(*) FROM pg_namespace WHERE nspname = ?", [.text(schema.text)])
            if exists == 0 { try connection.simple("CREATE SCHEMA \(schema.text)") }
            try connection.simple("SET LOCAL search_path = \(schema.text)")
            try connection.simple("CREATE TABLE IF NOT EXISTS migrations (identifier TEXT COLLATE \"C\" PRIMARY KEY)")
            for (identifier, statements) in self.migrations {
                let there = try rows.integer(
                    "SELECT count(*) FROM migrations WHERE identifier = ?", [.text(identifier)])
                guard there == 0 else { continue }
                for sql in statements { try connection.simple(sql.replacing("@SCHEMA@", with: schema.text)) }
                try connection.query("INSERT INTO migrations (identifier) VALUES (?)", [.text(identifier)])
            }
            if let service { try self.grant(to: service, schema: schema, connection) }
            try connection.commit()
        } catch {
            if !connection.isBroken { try? connection.simple("ROLLBACK") }
            throw error
        }
    }

    private static func grant(to role: String, schema: SchemaName, _ connection: PostgresConnection) throws {
        let name = "\"" + role.replacing("\"", with: "\"\"") + "\""
        let chained = ChainedTable.all.map(\.name).joined(separator: ", ")
        let current = self.currentTables.joined(separator: ", ")
        try connection.simple(
            """
            GRANT USAGE ON SCHEMA \(schema.text) TO \(name);
            GRANT SELECT ON ALL TABLES IN SCHEMA \(schema.text) TO \(name);
            GRANT INSERT ON \(chained) TO \(name);
            GRANT INSERT, UPDATE, DELETE ON \(current) TO \(name);
            GRANT UPDATE ON store TO \(name);
            GRANT EXECUTE ON FUNCTION make_history_partition(BIGINT, BIGINT), trim_history(BIGINT, BIGINT) TO \(name);
            """)
    }

    private static let currentTables = [
        "accounts", "positions", "carried_totals", "orders", "limits", "kill_switches", "alerts", "notes", "users",
        "grants", "sessions", "tokens", "watchlists", "watchlist_symbols", "preferences", "stream_positions",
        "history",
    ]

    private static let chain = #"previous TEXT COLLATE "C" NOT NULL, digest TEXT COLLATE "C" NOT NULL"#
    private static let text = #"TEXT COLLATE "C""#
    private static let number = "DOUBLE PRECISION"
}

extension PostgresSchema {
    private static var journal: String {
        """
        -- The writer is counted up by everyone who takes the store over; who has an older number can commit no more.
        CREATE TABLE store (
            id BIGINT PRIMARY KEY CHECK (id = 1), commits BIGINT NOT NULL, writer BIGINT NOT NULL,
            identity \(text) NOT NULL);
        INSERT INTO store (id, commits, writer, identity) VALUES (1, 0, 0, gen_random_uuid()::text);
        CREATE TABLE accounts (
            id \(text) PRIMARY KEY, name \(text) NOT NULL, currency \(text) NOT NULL, cash \(number) NOT NULL,
            margin_limit \(number), "group" \(text));
        CREATE TABLE positions (
            account \(text) NOT NULL REFERENCES accounts (id), symbol \(text) NOT NULL, quantity \(number) NOT NULL,
            average_cost \(number) NOT NULL, strategy \(text), PRIMARY KEY (account, symbol));
        -- The symbol is empty for what is the account's own.
        CREATE TABLE carried_totals (
            account \(text) NOT NULL REFERENCES accounts (id), symbol \(text) NOT NULL, realised \(number) NOT NULL,
            fees \(number) NOT NULL, PRIMARY KEY (account, symbol));
        CREATE TABLE order_events (
            sequence BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, account \(text) NOT NULL REFERENCES accounts (id),
            client_order_id \(text), symbol \(text) NOT NULL, side \(text) NOT NULL, quantity \(number) NOT NULL,
            order_type \(text) NOT NULL, limit_price \(number), stop_price \(number), time_in_force \(text) NOT NULL,
            "user" \(text) NOT NULL, status \(text) NOT NULL, filled_quantity \(number) NOT NULL,
            average_fill_price \(number), reason \(text), created_ns BIGINT NOT NULL, updated_ns BIGINT NOT NULL,
            \(chain));
        CREATE INDEX order_events_by_order ON order_events (order_id, sequence);
        CREATE TABLE orders (
            id BIGINT PRIMARY KEY, event BIGINT NOT NULL UNIQUE REFERENCES order_events (sequence),
            account \(text) NOT NULL, client_order_id \(text), is_open BIGINT NOT NULL, created_ns BIGINT NOT NULL);
        CREATE UNIQUE INDEX orders_by_client ON orders (account, client_order_id) WHERE client_order_id IS NOT NULL;
        CREATE INDEX orders_by_account ON orders (account, id);
        CREATE INDEX orders_open ON orders (id) WHERE is_open = 1;
        CREATE INDEX orders_by_time ON orders (created_ns);
        CREATE TABLE fills (
            sequence BIGINT PRIMARY KEY, id \(text) NOT NULL UNIQUE, order_id BIGINT REFERENCES orders (id),
            account \(text) NOT NULL REFERENCES accounts (id), symbol \(text) NOT NULL, quantity \(number) NOT NULL,
            price \(number) NOT NULL, rate \(number) NOT NULL, fees \(number) NOT NULL, time_ns BIGINT NOT NULL,
            reverses \(text) REFERENCES fills (id) CHECK (reverses <> id), \(chain));
        CREATE INDEX fills_by_account ON fills (account, sequence);
        CREATE INDEX fills_by_order ON fills (order_id) WHERE order_id IS NOT NULL;
        CREATE TABLE cash_entries (
            sequence BIGINT PRIMARY KEY, id \(text) NOT NULL UNIQUE, account \(text) NOT NULL REFERENCES accounts (id),
            amount \(number) NOT NULL, kind \(text) NOT NULL, reason \(text) NOT NULL, "user" \(text) NOT NULL,
            time_ns BIGINT NOT NULL, \(chain));
        CREATE TABLE adjustments (
            sequence BIGINT PRIMARY KEY, id \(text) NOT NULL UNIQUE, account \(text) NOT NULL REFERENCES accounts (id),
            symbol \(text) NOT NULL, quantity \(number) NOT NULL, cost \(number) NOT NULL, reason \(text) NOT NULL,
            "user" \(text) NOT NULL, time_ns BIGINT NOT NULL, \(chain));
        CREATE TABLE books (
            sequence BIGINT PRIMARY KEY, kind \(text) NOT NULL, day BIGINT NOT NULL, time_ns BIGINT NOT NULL,
            fill_count BIGINT NOT NULL, cash_count BIGINT NOT NULL, adjustment_count BIGINT NOT NULL,
            content \(text) NOT NULL, \(chain));
        CREATE TABLE audit (
            sequence BIGINT PRIMARY KEY, time_ns BIGINT NOT NULL, who \(text) NOT NULL, what \(text) NOT NULL,
            account \(text), subject \(text) NOT NULL, before \(text), after \(text), why \(text), \(chain));
        CREATE INDEX audit_by_account ON audit (account, sequence);
        CREATE TABLE notes (name \(text) PRIMARY KEY, value \(text) NOT NULL);
        """
    }

    private static var control: String {
        """
        CREATE TABLE limits (
            id \(text) PRIMARY KEY, scope \(text) NOT NULL, metric \(text) NOT NULL, soft \(number), hard \(number),
            action \(text) NOT NULL, "user" \(text) NOT NULL, time_ns BIGINT NOT NULL);
        CREATE TABLE kill_switches (
            scope \(text) PRIMARY KEY, account \(text) REFERENCES accounts (id), state \(text) NOT NULL,
            reason \(text) NOT NULL, "user" \(text) NOT NULL, time_ns BIGINT NOT NULL);
        CREATE TABLE alerts (
            id BIGINT PRIMARY KEY, account \(text) REFERENCES accounts (id), rule \(text) NOT NULL,
            level \(text) NOT NULL, text \(text) NOT NULL, state \(text) NOT NULL, acknowledged_by \(text),
            raised_ns BIGINT NOT NULL, updated_ns BIGINT NOT NULL);
        CREATE INDEX alerts_by_account ON alerts (account, id);
        """
    }

    private static var access: String {
        """
        CREATE TABLE users (
            name \(text) PRIMARY KEY, password_hash \(text), is_disabled BIGINT NOT NULL, created_ns BIGINT NOT NULL);
        CREATE TABLE grants (
            "user" \(text) NOT NULL REFERENCES users (name), scope \(text) NOT NULL,
            account \(text) REFERENCES accounts (id), role \(text) NOT NULL, PRIMARY KEY ("user", scope, role));
        CREATE TABLE sessions (
            token_hash \(text) PRIMARY KEY, "user" \(text) NOT NULL REFERENCES users (name),
            created_ns BIGINT NOT NULL, expires_ns BIGINT NOT NULL);
        CREATE TABLE tokens (
            id \(text) PRIMARY KEY, token_hash \(text) NOT NULL UNIQUE, "user" \(text) NOT NULL REFERENCES users (name),
            scopes \(text) NOT NULL, created_ns BIGINT NOT NULL, expires_ns BIGINT);
        """
    }

    private static var views: String {
        """
        CREATE TABLE watchlists ("user" \(text) NOT NULL, name \(text) NOT NULL, PRIMARY KEY ("user", name));
        CREATE TABLE watchlist_symbols (
            "user" \(text) NOT NULL, name \(text) NOT NULL, place BIGINT NOT NULL, symbol \(text) NOT NULL,
            PRIMARY KEY ("user", name, place), UNIQUE ("user", name, symbol),
            FOREIGN KEY ("user", name) REFERENCES watchlists ("user", name) ON DELETE CASCADE);
        CREATE TABLE preferences ("user" \(text) PRIMARY KEY, content \(text) NOT NULL);
        """
    }

    private static var streamPositions: String {
        """
        -- The offset is that of the next message to be read.
        CREATE TABLE stream_positions (
            topic \(text) NOT NULL, partition BIGINT NOT NULL, "offset" BIGINT NOT NULL,
            PRIMARY KEY (topic, partition));
        CREATE INDEX fills_by_reversed ON fills (reverses) WHERE reverses IS NOT NULL;
        """
    }

    /// By resolution, then by the day its intervals begin on; days of the coarsest are few, and kept together.
    private static var history: String {
        """
        CREATE TABLE history (
            resolution BIGINT NOT NULL, scope \(text) NOT NULL, seconds BIGINT NOT NULL, account \(text),
            total_pnl \(number), total_pnl_min \(number), total_pnl_max \(number), day_pnl \(number),
            value_at_risk \(number), expected_shortfall \(number), gross_exposure \(number), net_exposure \(number),
            PRIMARY KEY (resolution, scope, seconds)) PARTITION BY LIST (resolution);
        CREATE TABLE history_second PARTITION OF history FOR VALUES IN (1) PARTITION BY RANGE (seconds);
        CREATE TABLE history_minute PARTITION OF history FOR VALUES IN (60) PARTITION BY RANGE (seconds);
        CREATE TABLE history_day PARTITION OF history FOR VALUES IN (86400);
        """
    }

    /// They run as their owner, so that the daemon's role makes and drops partitions and nothing else.
    private static let partitions = """
        CREATE FUNCTION make_history_partition(wanted BIGINT, day BIGINT) RETURNS VOID LANGUAGE plpgsql
            SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $body$
        DECLARE
            parent TEXT := CASE wanted WHEN 1 THEN 'history_second' WHEN 60 THEN 'history_minute' END;
            child TEXT := parent || '_' || replace(day::text, '-', 'm');
        BEGIN
            IF parent IS NULL OR to_regclass(child) IS NOT NULL THEN RETURN; END IF;
            -- Attached, not created as a partition: that would wait for every reader of the whole history.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                parent, child, day * 86400, (day + 1) * 86400);
        END $body$;
        CREATE FUNCTION trim_history(wanted BIGINT, before_seconds BIGINT) RETURNS VOID LANGUAGE plpgsql
            SECURITY DEFINER SET search_path = @SCHEMA@, pg_temp AS $body$
        DECLARE
            parent TEXT := CASE wanted WHEN 1 THEN 'history_second' WHEN 60 THEN 'history_minute' END;
            child TEXT;
            waited TEXT := current_setting('lock_timeout');
        BEGIN
            PERFORM set_config('lock_timeout', '100ms', true);
            FOR child IN
                SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent = to_regclass(parent)
                    AND (replace(substring(c.relname FROM '_(m?[0-9]+)$'), 'm', '-')::bigint + 1) * 86400
                        <= before_seconds
            LOOP
                -- A whole day goes at once, unless somebody reads it: then it is emptied, and goes another time.
                BEGIN
                    EXECUTE format('DROP TABLE %I', child);
                EXCEPTION WHEN lock_not_available THEN NULL;
                END;
            END LOOP;
            PERFORM set_config('lock_timeout', waited, true);
            DELETE FROM history WHERE resolution = wanted AND seconds < before_seconds;
        END $body$;
        REVOKE ALL ON FUNCTION make_history_partition(BIGINT, BIGINT), trim_history(BIGINT, BIGINT) FROM PUBLIC;
        """
}
