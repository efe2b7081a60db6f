// SPDX-License-Identifier: Apache-2.0
// The book of the data files in the store: taken at the first start, again whenever the files say something else.

import RiskDomain
import RiskStore

public enum BookOpening {
    /// Writes the files' accounts and positions down, unless they are what the store has, and audits that.
    ///
    /// Accounts the files no longer name stay in the store with their history.
    public static func take(
        _ inputs: RiskInputs, into store: any DeskStore, timeNanoseconds: UInt64
    ) async throws(StoreError) {
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: timeNanoseconds)
        let day = CalendarDay(daysSince1970: Int(timeNanoseconds / 86_400_000_000_000))
        let positions = inputs.positions.sorted { ($0.account, $0.symbol) < ($1.account, $1.symbol) }
        guard snapshot.bookDay != nil else {
            return try await store.importBook(
                accounts: inputs.accounts, positions: positions, day: day, user: "files",
                timeNanoseconds: timeNanoseconds)
        }
        let known = Dictionary(snapshot.accounts.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let isSame = inputs.accounts.allSatisfy { known[$0.id] == $0 } && positions == snapshot.positions
        if isSame { return }
        let book = OpeningBook(
            kind: .dayRoll, day: max(day, snapshot.bookDay ?? day), accounts: inputs.accounts, positions: positions,
            timeNanoseconds: timeNanoseconds)
        let audit = AuditEntry(
            timeNanoseconds: timeNanoseconds, who: "files", what: "book.reload", account: nil, subject: "\(day)",
            before: "\(snapshot.accounts.count) accounts, \(snapshot.positions.count) positions",
            after: "\(inputs.accounts.count) accounts, \(positions.count) positions", why: nil)
        try await store.append([.book(book), .audit(audit)])
    }
}
