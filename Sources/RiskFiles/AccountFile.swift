// SPDX-License-Identifier: Apache-2.0
// Reads `accounts.csv`.

import RiskDomain

/// Columns `account,name,currency,cash,margin_limit` and optionally `group`; others are ignored. A blank
/// `margin_limit` is no limit, a blank `group` the top of the house.
public enum AccountFile {
    public static let columns = ["account", "name", "currency", "cash", "margin_limit"]
    static let groupLevelsMax = 8

    /// The accounts in file order, at least one.
    public static func load(_ path: String) throws(DataFileError) -> [Account] {
        try DataFileError.collecting { self.read(path, log: $0)?.accounts }
    }

    struct Content {
        var accounts: [Account] = []
        /// Identifiers of all rows, refused ones included.
        var identifiers: Set<String> = []
    }

    /// `nil` when the file could not be read as a table.
    static func read(_ path: String, log: ProblemLog) -> Content? {
        guard var table = CSVTable(path: path, required: self.columns, log: log) else { return nil }
        var content = Content()
        var firstLines: [String: Int] = [:]
        while table.nextRow() {
            let id = self.identifier(table)
            if let id, let first = firstLines.updateValue(table.line, forKey: id) {
                table.report(.duplicate, "account", value: id, "\(id) is there twice; first on line \(first)")
            }
            if let id { content.identifiers.insert(id) }
            let name = table.text("name")
            let currency = table.currency("currency")
            let cash = table.number("cash", allowed: "-1e15 to 1e15") { abs($0) <= 1e15 }
            var limit: Double?
            if !table.isBlank("margin_limit") {
                limit = table.number("margin_limit", allowed: "0 to 1e15, or blank") { (0...1e15).contains($0) }
                if limit == nil { continue }
            }
            var group: String?
            if !table.isBlank("group") {
                group = self.group(table)
                if group == nil { continue }
            }
            guard let id, let name, let currency, let cash else { continue }
            content.accounts.append(
                Account(id: id, name: name, currency: currency, cash: cash, marginLimit: limit, group: group))
        }
        if content.identifiers.isEmpty, log.isEmpty {
            log.add(.missing, at: ProblemOrigin(source: path), "the file holds no account")
        }
        return content
    }

    /// An identifier that can be one segment of a URL's path.
    private static func identifier(_ table: CSVTable) -> String? {
        guard let id = table.identifier("account") else { return nil }
        guard !id.contains("/"), id != ".", id != ".." else {
            table.report(.outOfRange, "account", value: id, "\(id); allowed: no slash, and not . or ..")
            return nil
        }
        guard id != "firm" else {
            table.report(.outOfRange, "account", value: id, "firm; not allowed: the channel risk:firm is the house's")
            return nil
        }
        return id
    }

    /// Names from the top of the house down, joined by slashes.
    private static func group(_ table: CSVTable) -> String? {
        guard let path = table.text("group", bytesMax: self.groupLevelsMax * 65) else { return nil }
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        let areSound = names.allSatisfy { name in
            (1...64).contains(name.utf8.count) && name != "." && name != ".." && name.first?.isWhitespace == false
                && name.last?.isWhitespace == false
        }
        guard areSound, names.count <= self.groupLevelsMax else {
            let fact = """
                \(FileProblem.shown(path)); allowed: up to \(self.groupLevelsMax) names joined by slashes, such as \
                Equities/Long, each 1 to 64 bytes
                """
            table.report(.outOfRange, "group", value: path, fact)
            return nil
        }
        return path
    }
}
