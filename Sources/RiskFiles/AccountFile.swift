// SPDX-License-Identifier: Apache-2.0
// Reads `accounts.csv`.

import RiskDomain

/// Columns `account,name,currency,cash,margin_limit`; others are ignored. A blank `margin_limit` is no limit.
public enum AccountFile {
    public static let columns = ["account", "name", "currency", "cash", "margin_limit"]

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
            guard let id, let name, let currency, let cash else { continue }
            content.accounts.append(Account(id: id, name: name, currency: currency, cash: cash, marginLimit: limit))
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
        return id
    }
}
