// SPDX-License-Identifier: Apache-2.0
// Values on their way into a table, refused where SQLite would change them silently.

import GRDB

/// A column and what goes into it.
typealias StoredColumn = (name: String, value: DatabaseValue)

/// A type SQLite gives back exactly as it got it, or refuses.
protocol StoredCell {
    func stored() throws(StoreError) -> DatabaseValue
}

func cell(_ value: some StoredCell) throws(StoreError) -> DatabaseValue { try value.stored() }

extension String: StoredCell {
    /// Text is bound up to its first zero byte; the rest would be lost.
    func stored() throws(StoreError) -> DatabaseValue {
        guard !self.utf8.contains(0) else { throw .unstorable(value: "text with a zero byte") }
        return self.databaseValue
    }
}

extension Double: StoredCell {
    /// A NaN would become NULL, and −0 the integer 0 on disk, so it becomes 0 here.
    func stored() throws(StoreError) -> DatabaseValue {
        guard self.isFinite else { throw .unstorable(value: "\(self)") }
        return (self == 0 ? 0 : self).databaseValue
    }
}

extension UInt64: StoredCell {
    func stored() throws(StoreError) -> DatabaseValue {
        guard let signed = Int64(exactly: self) else { throw .unstorable(value: "\(self)") }
        return signed.databaseValue
    }
}

extension Int64: StoredCell {
    func stored() throws(StoreError) -> DatabaseValue { self.databaseValue }
}

extension Bool: StoredCell {
    func stored() throws(StoreError) -> DatabaseValue { (self ? 1 as Int64 : 0).databaseValue }
}

extension Optional: StoredCell where Wrapped: StoredCell {
    func stored() throws(StoreError) -> DatabaseValue {
        switch self {
        case .none: .null
        case .some(let value): try value.stored()
        }
    }
}

extension Database {
    /// Inserts a row; where one stands under `key` already, replaces its other columns.
    func put(_ table: String, _ columns: [StoredColumn], key: [String] = []) throws {
        let names = columns.map(\.name).joined(separator: ", ")
        let marks = repeatElement("?", count: columns.count).joined(separator: ", ")
        var sql = "INSERT INTO \(table) (\(names)) VALUES (\(marks))"
        if !key.isEmpty {
            let others = columns.map(\.name).filter { !key.contains($0) }.map { "\($0) = excluded.\($0)" }
            let action = others.isEmpty ? "NOTHING" : "UPDATE SET " + others.joined(separator: ", ")
            sql += " ON CONFLICT (\(key.joined(separator: ", "))) DO \(action)"
        }
        try self.cachedStatement(sql: sql).execute(arguments: StatementArguments(columns.map(\.value)))
    }

    /// Removes the rows whose columns have these values.
    func remove(_ table: String, _ columns: [StoredColumn]) throws {
        let condition = columns.map { "\($0.name) IS ?" }.joined(separator: " AND ")
        try self.cachedStatement(sql: "DELETE FROM \(table) WHERE \(condition)")
            .execute(arguments: StatementArguments(columns.map(\.value)))
    }
}
