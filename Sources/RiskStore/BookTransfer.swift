// SPDX-License-Identifier: Apache-2.0
// Accounts and positions in from files at the first start, and out again.

import RiskDomain

extension DeskStore {
    /// Takes the book a new store begins with, read from `accounts.csv` and `positions.csv`, and audits that.
    /// - Throws: ``StoreError/refused(reason:)`` when the store has a book already, or a position's account is unknown.
    public func importBook(
        accounts: [Account], positions: [Position], day: CalendarDay, user: String, timeNanoseconds: UInt64
    ) async throws(StoreError) {
        let book = OpeningBook(
            kind: .imported, day: day, accounts: accounts, positions: positions, timeNanoseconds: timeNanoseconds)
        let audit = AuditEntry(
            timeNanoseconds: timeNanoseconds, who: user, what: "book.import", account: nil, subject: "\(day)",
            before: nil, after: "\(accounts.count) accounts, \(positions.count) positions", why: nil)
        try await self.append([
            .book(book), .audit(audit),
            .note(name: BookSource.note, value: BookSource.digest(accounts: accounts, positions: positions)),
        ])
    }
}

/// What a book was imported from, so that files which say something else are noticed.
public enum BookSource {
    /// ``DeskSnapshot/notes`` has the digest under this name.
    public static let note = "book.source"

    public static func digest(accounts: [Account], positions: [Position]) -> String {
        var book = DeskSnapshot()
        book.accounts = accounts.sorted { $0.id < $1.id }
        book.positions = positions.sorted { ($0.account, $0.symbol) < ($1.account, $1.symbol) }
        var digest = ContentDigest()
        digest.add(book.accountsCSV)
        digest.add(book.positionsCSV)
        return digest.finish()
    }
}

extension DeskSnapshot {
    /// The accounts as `accounts.csv`, which an import takes back unchanged.
    public var accountsCSV: String {
        CSVText.table(["account", "name", "currency", "cash", "margin_limit", "group"], self.accounts) {
            [$0.id, $0.name, $0.currency, "\($0.cash)", $0.marginLimit.map { "\($0)" } ?? "", $0.group ?? ""]
        }
    }

    /// The positions at the beginning of ``bookDay`` as `positions.csv`; fills after it are not in them.
    public var positionsCSV: String {
        CSVText.table(["account", "symbol", "quantity", "avg_cost", "strategy"], self.positions) {
            [$0.account, $0.symbol, "\($0.quantity)", "\($0.averageCost)", $0.strategy ?? ""]
        }
    }
}

/// RFC 4180, with line feeds.
private enum CSVText {
    static func table<Record>(_ names: [String], _ records: [Record], _ fields: (Record) -> [String]) -> String {
        ([names] + records.map(fields)).map { $0.map(self.quoted).joined(separator: ",") + "\n" }.joined()
    }

    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: Set(",\"\r\n".utf8).contains) else {
            return field
        }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
