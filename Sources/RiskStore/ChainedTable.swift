// SPDX-License-Identifier: Apache-2.0
// Tables whose rows are only ever added, each tied to the one before it.

/// A table with columns `sequence` (1, 2, 3, …), its own, `previous` and `digest`:
///
///     digest(n) = BLAKE2b-256(table, n, digest(n − 1), columns of row n)
///
/// So a digest is the checksum of its row, and the chain shows rows removed, inserted or put in another order. Its
/// columns never change; a fact that comes later gets its own table.
package struct ChainedTable: Sendable, Hashable {
    package let name: String
    /// In the order they are digested.
    package let columns: [String]
    /// The column that names a row for ever, so that one which comes twice counts once.
    package let identity: String?

    package static let orderEvents = ChainedTable(
        name: "order_events",
        columns: [
            "order_id", "account", "client_order_id", "symbol", "side", "quantity", "order_type", "limit_price",
            "stop_price", "time_in_force", "user", "status", "filled_quantity", "average_fill_price", "reason",
            "created_ns", "updated_ns",
        ], identity: nil)
    package static let fills = ChainedTable(
        name: "fills",
        columns: [
            "id", "order_id", "account", "symbol", "quantity", "price", "rate", "fees", "time_ns", "reverses",
        ], identity: "id")
    package static let cash = ChainedTable(
        name: "cash_entries", columns: ["id", "account", "amount", "kind", "reason", "user", "time_ns"],
        identity: "id")
    package static let adjustments = ChainedTable(
        name: "adjustments",
        columns: ["id", "account", "symbol", "quantity", "cost", "reason", "user", "time_ns"], identity: "id")
    package static let books = ChainedTable(
        name: "books",
        columns: ["kind", "day", "time_ns", "fill_count", "cash_count", "adjustment_count", "content"],
        identity: nil)
    package static let audit = ChainedTable(
        name: "audit", columns: ["time_ns", "who", "what", "account", "subject", "before", "after", "why"],
        identity: nil)

    package static let all = [orderEvents, fills, cash, adjustments, books, audit]

    func digest(sequence: Int64, previous: String, values: some Sequence<StoredValue>) -> String {
        var digest = ContentDigest()
        digest.add(self.name)
        digest.add(sequence)
        digest.add(previous)
        for value in values { digest.add(value) }
        return digest.finish()
    }

    /// Adds a row after `head`, which becomes the row's.
    func append(
        _ columns: [StoredColumn], after head: inout ChainHead, in database: some JournalDatabase
    ) throws {
        assert(columns.map(\.name) == self.columns)
        let sequence = head.count + 1
        let digest = self.digest(sequence: sequence, previous: head.digest, values: columns.map(\.value))
        let all: [StoredColumn] =
            [("sequence", .integer(sequence))] + columns
            + [("previous", .text(head.digest)), ("digest", .text(digest))]
        try database.apply(.put(table: self.name, columns: all, key: []))
        head = ChainHead(count: sequence, digest: digest)
    }

    /// The values of the row with that identity, or `nil`.
    func values(identity: StoredValue, in database: some StoreRows) throws -> [StoredValue]? {
        guard let column = self.identity else { return nil }
        return try self.values(where: column, identity, in: database)
    }

    func values(sequence: Int64, in database: some StoreRows) throws -> [StoredValue]? {
        try self.values(where: "sequence", .integer(sequence), in: database)
    }

    private func values(
        where column: String, _ value: StoredValue, in database: some StoreRows
    ) throws -> [StoredValue]? {
        try database.first("SELECT \(quoted(self.columns)) FROM \(self.name) WHERE \(column) = ?", [value])?.values
    }
}

/// The newest row of a chained table.
package struct ChainHead: Sendable, Hashable {
    package var count: Int64
    package var digest: String

    package init(count: Int64 = 0, digest: String = ContentDigest.none) {
        self.count = count
        self.digest = digest
    }
}

/// Where all chains end after a commit.
public struct ChainHeads: Sendable, Hashable {
    /// Transactions so far.
    package var commits: Int64 = 0
    private var heads: [ChainedTable: ChainHead] = [:]

    package init() {}

    package subscript(table: ChainedTable) -> ChainHead {
        get { self.heads[table, default: ChainHead()] }
        set { self.heads[table] = newValue }
    }
}
