// SPDX-License-Identifier: Apache-2.0
// The tables of a store, row by row, for programs that want them elsewhere.

import GRDB

/// A value of an exported row.
public enum ExportedValue: Sendable, Equatable {
    case absent
    case whole(Int64)
    case number(Double)
    case text(String)
}

/// What can be exported, under the name of its file.
public enum ExportedTable: String, Sendable, CaseIterable {
    /// Of the newest book, as `accounts.csv` and `positions.csv` have them.
    case accounts, positions
    /// What was realised and paid before that book.
    case carried
    /// As they are now.
    case orders
    /// Every state they were in.
    case orderEvents = "order_events"
    case fills
    case cash
    case adjustments
    case books
    case audit
    case alerts
    case limits
    case history

    var columns: [String] {
        switch self {
        case .accounts: ["id AS account", "name", "currency", "cash", "margin_limit", "\"group\""]
        case .positions: ["account", "symbol", "quantity", "average_cost AS avg_cost", "strategy"]
        case .carried: ["account", "symbol", "realised", "fees"]
        case .orders: ChainedTable.orderEvents.columns.map { "e.\($0)" }
        case .orderEvents: ["sequence"] + ChainedTable.orderEvents.columns
        case .fills: ["sequence"] + ChainedTable.fills.columns
        case .cash: ["sequence"] + ChainedTable.cash.columns
        case .adjustments: ["sequence"] + ChainedTable.adjustments.columns
        case .books: ["sequence", "kind", "day", "time_ns"]
        case .audit: ["sequence"] + ChainedTable.audit.columns + ["digest"]
        case .alerts: ["id", "account", "rule", "level", "text", "state", "acknowledged_by", "raised_ns", "updated_ns"]
        case .limits: ["id", "scope", "metric", "soft", "hard", "action", "user", "time_ns"]
        case .history:
            [
                "resolution AS resolution_s", "account", "seconds", "total_pnl", "total_pnl_min", "total_pnl_max",
                "day_pnl", "value_at_risk", "expected_shortfall", "gross_exposure", "net_exposure",
            ]
        }
    }

    var source: String {
        switch self {
        case .accounts: "accounts ORDER BY id"
        case .positions: "positions ORDER BY account, symbol"
        case .carried: "carried_totals ORDER BY account, symbol"
        case .orders: "orders AS o JOIN order_events AS e ON e.sequence = o.event ORDER BY o.id"
        case .cash: "cash_entries ORDER BY sequence"
        case .alerts, .limits: "\(self.rawValue) ORDER BY id"
        case .history: "history ORDER BY resolution, scope, seconds"
        case .orderEvents, .fills, .adjustments, .books, .audit: "\(self.rawValue) ORDER BY sequence"
        }
    }
}

extension StoreReader {
    /// Rows of each table at one moment.
    public func counts(of tables: [ExportedTable]) throws(StoreError) -> [ExportedTable: Int] {
        try self.read { database in
            try tables.reduce(into: [:]) { counts, table in
                counts[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM (SELECT 1 FROM \(table.source))")
            }
        }
    }

    /// Reads a table row by row; an error of `row` ends it.
    ///
    /// - Parameter row: gets names and values of the columns, in the same order every time.
    public func export(
        _ table: ExportedTable, row: (_ names: [String], _ values: [ExportedValue]) throws -> Void
    ) throws {
        try self.read { database in
            let sql = "SELECT \(table.columns.joined(separator: ", ")) FROM \(table.source)"
            let rows = try Row.fetchCursor(database, sql: sql)
            let names = rows.columnNames
            while let next = try rows.next() {
                try row(
                    names,
                    next.databaseValues.map { value in
                        switch value.storage {
                        case .null, .blob: .absent
                        case .int64(let number): .whole(number)
                        case .double(let number): .number(number)
                        case .string(let text): .text(text)
                        }
                    })
            }
        }
    }

    /// The names of a table's columns.
    public func columnNames(of table: ExportedTable) throws(StoreError) -> [String] {
        try self.read { database in
            let sql = "SELECT \(table.columns.joined(separator: ", ")) FROM \(table.source) LIMIT 0"
            return try database.makeStatement(sql: sql).columnNames
        }
    }
}
