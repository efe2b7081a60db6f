// SPDX-License-Identifier: Apache-2.0
// SQLite behind the protocols of the rules and readings.

import GRDB

struct SQLiteRows: JournalDatabase {
    let database: Database

    func forEach(_ sql: String, _ arguments: [StoredValue], _ body: (StoredRow) throws -> Void) throws {
        let statement = try self.database.makeStatement(sql: sql)
        let names = statement.columnNames
        let rows = try Row.fetchCursor(statement, arguments: Self.arguments(arguments))
        while let row = try rows.next() {
            try body(StoredRow(names: names, values: row.databaseValues.map(StoredValue.init)))
        }
    }

    func first(_ sql: String, _ arguments: [StoredValue]) throws -> StoredRow? {
        let statement = try self.database.cachedStatement(sql: sql)
        guard let row = try Row.fetchOne(statement, arguments: Self.arguments(arguments)) else { return nil }
        return StoredRow(names: Array(row.columnNames), values: row.databaseValues.map(StoredValue.init))
    }

    func hasTable(_ name: String) throws -> Bool { try self.database.tableExists(name) }

    func apply(_ write: StoredWrite) throws {
        let statement = write.statement(.sqlite)
        try self.database.cachedStatement(sql: statement.sql).execute(arguments: Self.arguments(statement.arguments))
    }

    /// SQLite's check of pages, indexes and references: slower, and not made at start.
    func checkStructure() throws {
        let found = try String.fetchAll(self.database, sql: "PRAGMA integrity_check")
        guard found == ["ok"] else { throw StoreError.damaged(detail: found.joined(separator: "; ")) }
        if let row = try Row.fetchOne(self.database, sql: "PRAGMA foreign_key_check") {
            throw StoreError.damaged(detail: "a reference of \(row[0] as String? ?? "a table") leads nowhere")
        }
    }

    private static func arguments(_ values: [StoredValue]) -> StatementArguments {
        StatementArguments(values.map(\.databaseValue))
    }
}

extension StoredValue {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let number): self = .number(number)
        case .string(let text): self = .text(text)
        // No table takes any: it is shown as what was never written.
        case .blob(let data): self = .text("\(data.count) bytes")
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }
}
