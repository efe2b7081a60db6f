// SPDX-License-Identifier: Apache-2.0
// Tables whose rows are only ever added, each tied to the one before it.

import GRDB

/// A table with columns `sequence` (1, 2, 3, …), its own, `previous` and `digest`:
///
///     digest(n) = BLAKE2b-256(table, n, digest(n − 1), columns of row n)
///
/// So a digest is the checksum of its row, and the chain shows rows removed, inserted or put in another order. Its
/// columns never change; a fact that comes later gets its own table.
struct ChainedTable: Sendable, Hashable {
    let name: String
    /// In the order they are digested.
    let columns: [String]
    /// The column that names a row for ever, so that one which comes twice counts once.
    let identity: String?

    static let orderEvents = ChainedTable(
        name: "order_events",
        columns: [
            "order_id", "account", "client_order_id", "symbol", "side", "quantity", "order_type", "limit_price",
            "stop_price", "time_in_force", "user", "status", "filled_quantity", "average_fill_price", "reason",
            "created_ns", "updated_ns",
        ], identity: nil)
    static let fills = ChainedTable(
        name: "fills",
        columns: [
            "id", "order_id", "account", "symbol", "quantity", "price", "rate", "fees", "time_ns", "reverses",
        ], identity: "id")
    static let cash = ChainedTable(
        name: "cash_entries", columns: ["id", "account", "amount", "kind", "reason", "user", "time_ns"],
        identity: "id")
    static let adjustments = ChainedTable(
        name: "adjustments",
        columns: ["id", "account", "symbol", "quantity", "cost", "reason", "user", "time_ns"], identity: "id")
    static let books = ChainedTable(
        name: "books",
        columns: ["kind", "day", "time_ns", "fill_count", "cash_count", "adjustment_count", "content"],
        identity: nil)
    static let audit = ChainedTable(
        name: "audit", columns: ["time_ns", "who", "what", "account", "subject", "before", "after", "why"],
        identity: nil)

    static let all = [orderEvents, fills, cash, adjustments, books, audit]

    func digest(sequence: Int64, previous: String, values: some Sequence<DatabaseValue>) -> String {
        var digest = ContentDigest()
        digest.add(self.name)
        digest.add(sequence)
        digest.add(previous)
        for value in values { digest.add(value) }
        return digest.finish()
    }

    /// Adds a row after `head`, which becomes the row's.
    func append(_ columns: [StoredColumn], after head: inout ChainHead, in database: Database) throws {
        assert(columns.map(\.name) == self.columns)
        let sequence = head.count + 1
        let digest = self.digest(sequence: sequence, previous: head.digest, values: columns.map(\.value))
        let all: [StoredColumn] =
            [("sequence", sequence.databaseValue)] + columns
            + [("previous", head.digest.databaseValue), ("digest", digest.databaseValue)]
        try database.put(self.name, all)
        head = ChainHead(count: sequence, digest: digest)
    }

    /// The values of the row with that identity, or `nil`.
    func values(identity: DatabaseValue, in database: Database) throws -> [DatabaseValue]? {
        guard let column = self.identity else { return nil }
        return try self.values(where: column, identity, in: database)
    }

    func values(sequence: Int64, in database: Database) throws -> [DatabaseValue]? {
        try self.values(where: "sequence", sequence.databaseValue, in: database)
    }

    private func values(
        where column: String, _ value: DatabaseValue, in database: Database
    ) throws -> [DatabaseValue]? {
        let sql = "SELECT \(self.columns.joined(separator: ", ")) FROM \(self.name) WHERE \(column) = ?"
        let row = try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [value])
        return row.map { Array($0.databaseValues) }
    }
}

/// The newest row of a chained table.
struct ChainHead: Sendable, Hashable {
    var count: Int64 = 0
    var digest = ContentDigest.none
}

/// Where all chains end after a commit.
struct ChainHeads: Sendable, Hashable {
    /// Transactions so far.
    var commits: Int64 = 0
    private var heads: [ChainedTable: ChainHead] = [:]

    subscript(table: ChainedTable) -> ChainHead {
        get { self.heads[table, default: ChainHead()] }
        set { self.heads[table] = newValue }
    }
}
