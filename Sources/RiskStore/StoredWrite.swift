// SPDX-License-Identifier: Apache-2.0
// One change of the tables, decided: what is executed, and what waits for a server that is away.

/// Executed in their order these give the same tables in every database. They depend on nothing that stands elsewhere.
package enum StoredWrite: Sendable {
    /// Inserts a row; where one stands under `key` already, replaces its other columns.
    case put(table: String, columns: [StoredColumn], key: [String])
    /// Removes the rows whose columns have these values.
    case remove(table: String, columns: [StoredColumn])
    /// Removes all rows.
    case clear(table: String)
    /// Takes an interval of ``HistoryFold/columns`` into the one that is there.
    case fold([StoredValue])
    /// Removes history of a resolution that lies before.
    case trim(resolution: Int64, beforeSeconds: Int64)

    package func statement(_ dialect: StoreDialect) -> (sql: String, arguments: [StoredValue]) {
        switch self {
        case .put(let table, let columns, let key):
            return (Self.put(table, columns.map(\.name), key: key), columns.map(\.value))
        case .remove(let table, let columns):
            let condition = columns.map { quoted($0.name) + ($0.value == .null ? " IS NULL" : " = ?") }
            return (
                "DELETE FROM \(table) WHERE \(condition.joined(separator: " AND "))",
                columns.map(\.value).filter { $0 != .null }
            )
        case .clear(let table): return ("DELETE FROM \(table)", [])
        case .fold(let values): return (dialect.fold, values)
        case .trim(let resolution, let seconds):
            return (
                "DELETE FROM history WHERE resolution = ? AND seconds < ?", [.integer(resolution), .integer(seconds)]
            )
        }
    }

    private static func put(_ table: String, _ names: [String], key: [String]) -> String {
        let marks = repeatElement("?", count: names.count).joined(separator: ", ")
        let sql = "INSERT INTO \(table) (\(quoted(names))) VALUES (\(marks))"
        guard !key.isEmpty else { return sql }
        let others = names.filter { !key.contains($0) }.map { "\(quoted($0)) = excluded.\(quoted($0))" }
        let action = others.isEmpty ? "NOTHING" : "UPDATE SET " + others.joined(separator: ", ")
        return sql + " ON CONFLICT (\(quoted(key))) DO \(action)"
    }
}

/// How observations become intervals: the last one stays, and the range of total P&L.
package enum HistoryFold {
    package static let columns = [
        "resolution", "scope", "seconds", "account", "total_pnl", "total_pnl_min", "total_pnl_max", "day_pnl",
        "value_at_risk", "expected_shortfall", "gross_exposure", "net_exposure",
    ]
    /// Of the columns above: what names an interval.
    package static let keyCount = 3
    private static let range = 5...6

    /// - Parameter rows: `VALUES` or `SELECT` of the columns.
    static func statement(_ rows: String, lesser: String, greater: String) -> String {
        func merged(_ name: String, _ function: String) -> String {
            "\(name) = \(function)(coalesce(history.\(name), excluded.\(name)), "
                + "coalesce(excluded.\(name), history.\(name)))"
        }
        let last = self.columns.dropFirst(4).filter { !$0.hasPrefix("total_pnl_") }.map { "\($0) = excluded.\($0)" }
        let set =
            last + [merged("total_pnl_min", lesser), merged("total_pnl_max", greater)]
        return "INSERT INTO history (\(self.columns.joined(separator: ", "))) \(rows) "
            + "ON CONFLICT (resolution, scope, seconds) DO UPDATE SET \(set.joined(separator: ", "))"
    }

    static func values(_ point: HistoryPoint, _ resolution: HistoryResolution) throws -> [StoredValue] {
        let total = try cell(point.totalPnL)
        return [
            try cell(resolution.rawValue), try cell(scope(point.account)),
            try cell(resolution.start(of: point.seconds)), try cell(point.account), total, total, total,
            try cell(point.dayPnL), try cell(point.valueAtRisk), try cell(point.expectedShortfall),
            try cell(point.grossExposure), try cell(point.netExposure),
        ]
    }

    /// Intervals of one transaction with each key once, as one statement for many rows needs them.
    package static func merged(_ intervals: [[StoredValue]]) -> [[StoredValue]] {
        var places: [[StoredValue]: Int] = [:]
        var result: [[StoredValue]] = []
        for interval in intervals {
            let key = Array(interval.prefix(self.keyCount))
            guard let place = places[key] else {
                places[key] = result.count
                result.append(interval)
                continue
            }
            var next = interval
            for column in self.range {
                next[column] = self.chosen(result[place][column], interval[column], isLesser: column == 5)
            }
            result[place] = next
        }
        return result
    }

    private static func chosen(_ old: StoredValue, _ new: StoredValue, isLesser: Bool) -> StoredValue {
        guard case .number(let left) = old, case .number(let right) = new else { return old == .null ? new : old }
        return .number(isLesser ? min(left, right) : max(left, right))
    }
}
