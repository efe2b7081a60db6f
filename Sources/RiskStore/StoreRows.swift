// SPDX-License-Identifier: Apache-2.0
// What the rules and readings of this module ask of a database, and where databases differ.

/// A database to read from. Statements are SQL that SQLite and PostgreSQL both understand, with `?` for arguments and
/// names of columns in double quotes where one of them keeps the word for itself.
///
/// Ownership: of whoever was handed it, for as long as the call lasts.
public protocol StoreRows {
    /// Reads row by row; `body` asks nothing else of the same database.
    func forEach(_ sql: String, _ arguments: [StoredValue], _ body: (StoredRow) throws -> Void) throws

    /// The first row, or `nil`.
    func first(_ sql: String, _ arguments: [StoredValue]) throws -> StoredRow?

    func hasTable(_ name: String) throws -> Bool

    /// Pages, indexes and references, as far as the database can check them itself.
    func checkStructure() throws
}

/// A database that journal entries are written to.
package protocol JournalDatabase: StoreRows {
    func apply(_ write: StoredWrite) throws
}

extension StoreRows {
    func all<Record>(
        _ sql: String, _ arguments: [StoredValue] = [], _ make: (StoredRow) throws -> Record
    ) throws -> [Record] {
        var records: [Record] = []
        try self.forEach(sql, arguments) { records.append(try make($0)) }
        return records
    }

    /// The first column of the first row; `nil` where there is none or it is empty.
    package func integer(_ sql: String, _ arguments: [StoredValue] = []) throws -> Int64? {
        guard case .integer(let value)? = try self.first(sql, arguments)?.values.first else { return nil }
        return value
    }

    package func text(_ sql: String, _ arguments: [StoredValue] = []) throws -> String? {
        guard case .text(let value)? = try self.first(sql, arguments)?.values.first else { return nil }
        return value
    }
}

/// Where the SQL of the two databases differs; everything else is written once.
package struct StoreDialect: Sendable {
    /// The function that gives the lesser of two values.
    let lesser: String
    let greater: String
    /// Takes one interval into the history.
    let fold: String

    private init(lesser: String, greater: String) {
        self.lesser = lesser
        self.greater = greater
        let marks = repeatElement("?", count: HistoryFold.columns.count).joined(separator: ", ")
        self.fold = HistoryFold.statement("VALUES (\(marks))", lesser: lesser, greater: greater)
    }

    package static let sqlite = StoreDialect(lesser: "min", greater: "max")
    package static let postgres = StoreDialect(lesser: "least", greater: "greatest")

    /// Takes intervals, each key once, into the history.
    ///
    /// - Parameter rows: a `SELECT` of ``HistoryFold/columns``.
    package func fold(_ rows: String) -> String {
        HistoryFold.statement(rows, lesser: self.lesser, greater: self.greater)
    }
}

/// A column's name as it stands in a statement: PostgreSQL reads `user` as the name of a function.
func quoted(_ name: String) -> String { "\"\(name)\"" }

func quoted(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }
