// SPDX-License-Identifier: Apache-2.0
// Whether a name was ever given, without the rows that have it.

/// 64-bit hashes of the names in the chained tables, seeded anew in each process. A name that is not here is new; one
/// that is may be, and is looked up. Takes 16 to 32 bytes a name.
struct KnownNames {
    private var orders: Set<Int64> = []
    private var hashes: Set<Int> = []

    private static func hash(_ space: String, _ name: String, _ account: String = "") -> Int {
        var hasher = Hasher()
        hasher.combine(space)
        hasher.combine(account)
        hasher.combine(name)
        return hasher.finalize()
    }

    func has(order id: Int64) -> Bool { self.orders.contains(id) }

    func has(_ id: String, in table: ChainedTable) -> Bool { self.hashes.contains(Self.hash(table.name, id)) }

    func has(client name: String, of account: String) -> Bool {
        self.hashes.contains(Self.hash(ChainedTable.orderEvents.name, name, account))
    }

    /// - Parameter values: of the table's own columns.
    mutating func add(_ values: ArraySlice<StoredValue>, of table: ChainedTable) {
        let first = values.startIndex
        if table == .orderEvents {
            guard case .integer(let id) = values[first] else { return }
            self.orders.insert(id)
            guard case .text(let account) = values[first + 1], case .text(let name) = values[first + 2] else { return }
            self.hashes.insert(Self.hash(table.name, name, account))
        } else if table.identity != nil, case .text(let id) = values[first] {
            self.hashes.insert(Self.hash(table.name, id))
        }
    }

    /// - Parameter columns: of a row that was put into a table.
    mutating func add(_ columns: [StoredColumn], of table: String) {
        guard let chained = ChainedTable.all.first(where: { $0.name == table }) else { return }
        self.add(columns.dropFirst().map(\.value)[...], of: chained)
    }
}
