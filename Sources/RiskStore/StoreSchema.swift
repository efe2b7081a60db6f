// SPDX-License-Identifier: Apache-2.0
// The tables, and how an older store becomes a newer one.

import GRDB

/// Migrations are only ever added. A store that has one this program does not know is refused.
enum StoreSchema {
    /// "TRSK", in the database's header: whose file this is.
    static let applicationID: Int64 = 0x5452_534B

    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: self.journal)
            try database.execute(sql: self.control)
            try database.execute(sql: self.access)
            try database.execute(literal: "INSERT INTO store (id, commits) VALUES (1, 0)")
        }
        migrator.registerMigration("2") { try $0.execute(sql: self.views) }
        migrator.registerMigration("3") { try $0.execute(sql: self.carried) }
        migrator.registerMigration("4") { try $0.execute(sql: self.preferences) }
        migrator.registerMigration("5") { try $0.execute(sql: self.streamPositions) }
        return migrator
    }

    /// The columns every chained table has besides its own.
    private static let chain = "previous TEXT NOT NULL, digest TEXT NOT NULL"

    private static let journal = """
        CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), commits INTEGER NOT NULL) STRICT;
        CREATE TABLE accounts (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, currency TEXT NOT NULL, cash REAL NOT NULL, margin_limit REAL,
            "group" TEXT) STRICT;
        CREATE TABLE positions (
            account TEXT NOT NULL REFERENCES accounts (id), symbol TEXT NOT NULL, quantity REAL NOT NULL,
            average_cost REAL NOT NULL, strategy TEXT, PRIMARY KEY (account, symbol)) STRICT;
        CREATE TABLE order_events (
            sequence INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, account TEXT NOT NULL REFERENCES accounts (id),
            client_order_id TEXT, symbol TEXT NOT NULL, side TEXT NOT NULL, quantity REAL NOT NULL,
            order_type TEXT NOT NULL, limit_price REAL, stop_price REAL, time_in_force TEXT NOT NULL,
            user TEXT NOT NULL, status TEXT NOT NULL, filled_quantity REAL NOT NULL, average_fill_price REAL,
            reason TEXT, created_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL, \(chain)) STRICT;
        CREATE INDEX order_events_by_order ON order_events (order_id, sequence);
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY, event INTEGER NOT NULL UNIQUE REFERENCES order_events (sequence),
            account TEXT NOT NULL, client_order_id TEXT, is_open INTEGER NOT NULL, created_ns INTEGER NOT NULL) STRICT;
        CREATE UNIQUE INDEX orders_by_client ON orders (account, client_order_id)
            WHERE client_order_id IS NOT NULL;
        CREATE INDEX orders_by_account ON orders (account, id);
        CREATE INDEX orders_open ON orders (id) WHERE is_open = 1;
        CREATE INDEX orders_by_time ON orders (created_ns);
        CREATE TABLE fills (
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, order_id INTEGER REFERENCES orders (id),
            account TEXT NOT NULL REFERENCES accounts (id), symbol TEXT NOT NULL, quantity REAL NOT NULL,
            price REAL NOT NULL, rate REAL NOT NULL, fees REAL NOT NULL, time_ns INTEGER NOT NULL,
            reverses TEXT REFERENCES fills (id) CHECK (reverses <> id), \(chain)) STRICT;
        CREATE INDEX fills_by_account ON fills (account, sequence);
        CREATE TABLE cash_entries (
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES accounts (id),
            amount REAL NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, user TEXT NOT NULL,
            time_ns INTEGER NOT NULL, \(chain)) STRICT;
        CREATE TABLE adjustments (
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES accounts (id),
            symbol TEXT NOT NULL, quantity REAL NOT NULL, cost REAL NOT NULL, reason TEXT NOT NULL,
            user TEXT NOT NULL, time_ns INTEGER NOT NULL, \(chain)) STRICT;
        CREATE TABLE books (
            sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, day INTEGER NOT NULL, time_ns INTEGER NOT NULL,
            fill_count INTEGER NOT NULL, cash_count INTEGER NOT NULL, adjustment_count INTEGER NOT NULL,
            content TEXT NOT NULL, \(chain)) STRICT;
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
            account TEXT, subject TEXT NOT NULL, before TEXT, after TEXT, why TEXT, \(chain)) STRICT;
        CREATE INDEX audit_by_account ON audit (account, sequence);
        """

    private static let control = """
        CREATE TABLE limits (
            id TEXT PRIMARY KEY, scope TEXT NOT NULL, metric TEXT NOT NULL, soft REAL, hard REAL,
            action TEXT NOT NULL, user TEXT NOT NULL, time_ns INTEGER NOT NULL) STRICT;
        -- The scope is the account's identifier after a colon, or empty for the house.
        CREATE TABLE kill_switches (
            scope TEXT PRIMARY KEY, account TEXT REFERENCES accounts (id), state TEXT NOT NULL, reason TEXT NOT NULL,
            user TEXT NOT NULL, time_ns INTEGER NOT NULL) STRICT;
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY, account TEXT REFERENCES accounts (id), rule TEXT NOT NULL, level TEXT NOT NULL,
            text TEXT NOT NULL, state TEXT NOT NULL, acknowledged_by TEXT, raised_ns INTEGER NOT NULL,
            updated_ns INTEGER NOT NULL) STRICT;
        CREATE INDEX alerts_by_account ON alerts (account, id);
        """

    private static let access = """
        CREATE TABLE users (
            name TEXT PRIMARY KEY, password_hash TEXT, is_disabled INTEGER NOT NULL,
            created_ns INTEGER NOT NULL) STRICT;
        CREATE TABLE grants (
            user TEXT NOT NULL REFERENCES users (name), scope TEXT NOT NULL, account TEXT REFERENCES accounts (id),
            role TEXT NOT NULL, PRIMARY KEY (user, scope, role)) STRICT;
        CREATE TABLE sessions (
            token_hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name), created_ns INTEGER NOT NULL,
            expires_ns INTEGER NOT NULL) STRICT;
        CREATE TABLE tokens (
            id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, user TEXT NOT NULL REFERENCES users (name),
            scopes TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER) STRICT;
        """

    private static let carried = """
        -- The symbol is empty for what is the account's own.
        CREATE TABLE carried_totals (
            account TEXT NOT NULL REFERENCES accounts (id), symbol TEXT NOT NULL, realised REAL NOT NULL,
            fees REAL NOT NULL, PRIMARY KEY (account, symbol)) STRICT;
        CREATE INDEX fills_by_order ON fills (order_id) WHERE order_id IS NOT NULL;
        CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """

    private static let preferences =
        "CREATE TABLE preferences (user TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;"

    private static let streamPositions = """
        -- The offset is that of the next message to be read.
        CREATE TABLE stream_positions (
            topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)) STRICT;
        CREATE INDEX fills_by_reversed ON fills (reverses) WHERE reverses IS NOT NULL;
        """

    private static let views = """
        CREATE TABLE watchlists (user TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (user, name)) STRICT;
        CREATE TABLE watchlist_symbols (
            user TEXT NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL, symbol TEXT NOT NULL,
            PRIMARY KEY (user, name, place), UNIQUE (user, name, symbol),
            FOREIGN KEY (user, name) REFERENCES watchlists (user, name) ON DELETE CASCADE) STRICT;
        -- The scope is as in kill_switches; the resolution is in seconds.
        CREATE TABLE history (
            resolution INTEGER NOT NULL, scope TEXT NOT NULL, seconds INTEGER NOT NULL, account TEXT,
            total_pnl REAL, total_pnl_min REAL, total_pnl_max REAL, day_pnl REAL, value_at_risk REAL,
            expected_shortfall REAL, gross_exposure REAL, net_exposure REAL,
            PRIMARY KEY (resolution, scope, seconds)) STRICT, WITHOUT ROWID;
        """
}
