// SPDX-License-Identifier: Apache-2.0
// The rules that make a list of tables a layout, for our own tables and for those of a received snapshot.

extension ChannelLayout {
    /// What is wrong with the tables, or `nil`.
    static func problem(in tables: [Table]) -> String? {
        var paths = Set<String>()
        for table in tables {
            guard paths.insert(table.path).inserted else { return "two tables at path \(table.path)" }
            if let problem = self.problem(in: table) { return problem }
        }
        return self.clashOfMembers(in: tables)
    }

    private static func problem(in table: Table) -> String? {
        let path = table.path
        if table.pathNames.count > FrameLimits.pathNamesMax { return "the path of a table is too deep" }
        if table.shape == .map, table.columns.count != 1 { return "the map \(path) has not one column" }
        if table.shape == .record, !table.keys.isEmpty { return "the record \(path) has keys" }
        if table.priceDecimals.count != (table.hasPrices ? table.rowCount : 0) {
            return "the price decimals of \(path) are not by row"
        }
        if table.priceDecimals.contains(where: { $0 > FrameLimits.decimalsMax }) {
            return "a price of \(path) has too many decimals"
        }
        for column in table.columns {
            if case .decimal(let decimals) = column.kind, !(0...FrameLimits.decimalsMax).contains(decimals) {
                return "column \(column.name) of \(path) has \(decimals) decimals"
            }
        }
        if Set(table.columns.map(\.name)).count != table.columns.count { return "two columns of \(path) share a name" }
        if Set(table.keys).count != table.keys.count { return "two rows of \(path) share a key" }
        return nil
    }

    /// A table `risk.var` makes a member `var` of `risk`: no column or key of `risk` may be called so.
    private static func clashOfMembers(in tables: [Table]) -> String? {
        var objects: [String: Set<Substring>] = [:]
        for table in tables {
            let names = table.pathNames
            for depth in names.indices {
                objects[names[..<depth].joined(separator: "."), default: []].insert(names[depth])
            }
        }
        for table in tables {
            guard let taken = objects[table.path] else { continue }
            let members = table.shape == .record ? table.columns.map(\.name) : table.keys
            if let clash = members.first(where: { taken.contains($0[...]) }) {
                return "\(clash) in \(table.path) is also a table"
            }
        }
        return nil
    }
}
