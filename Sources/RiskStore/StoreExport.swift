// SPDX-License-Identifier: Apache-2.0
// The tables of a store, row by row, for programs that want them elsewhere.

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
        case .orders: ChainedTable.orderEvents.columns.map { "e.\(quoted($0))" }
        case .orderEvents: ["sequence"] + ChainedTable.orderEvents.columns.map(quoted)
        case .fills: ["sequence"] + ChainedTable.fills.columns.map(quoted)
        case .cash: ["sequence"] + ChainedTable.cash.columns.map(quoted)
        case .adjustments: ["sequence"] + ChainedTable.adjustments.columns.map(quoted)
        case .books: ["sequence", "kind", "day", "time_ns"]
        case .audit: ["sequence"] + ChainedTable.audit.columns.map(quoted) + ["digest"]
        case .alerts: ["id", "account", "rule", "level", "text", "state", "acknowledged_by", "raised_ns", "updated_ns"]
        case .limits: ["id", "scope", "metric", "soft", "hard", "action", quoted("user"), "time_ns"]
        case .history:
            [
                "resolution AS resolution_s", "account", "seconds", "total_pnl", "total_pnl_min", "total_pnl_max",
                "day_pnl", "value_at_risk", "expected_shortfall", "gross_exposure", "net_exposure",
            ]
        }
    }

    /// The names of the columns in an export.
    public var columnNames: [String] {
        self.columns.map { column in
            let name = column.split(separator: " ").last ?? ""
            return (name.split(separator: ".").last ?? name).filter { $0 != "\"" }
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
