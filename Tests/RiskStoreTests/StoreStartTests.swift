// SPDX-License-Identifier: Apache-2.0
// What a store checks before it accepts anything.

import Foundation
import RiskDomain
import RiskStore
import Testing

@Suite struct StoreStartTests {
    /// A closed store with a few of everything.
    static func filled(_ folder: StoreFolder) async throws {
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        for number in UInt64(1)...5 { try await store.append(self.trade(number)) }
        try await store.close()
    }

    static func fill(_ number: UInt64) -> Fill {
        Fill(
            id: "f\(number)", orderID: number, account: "ALPHA", symbol: "AAPL", quantity: 1, price: 180, rate: 1,
            fees: 0, timeNanoseconds: number)
    }

    static func trade(_ number: UInt64) -> [JournalEntry] {
        let request = OrderRequest(account: "ALPHA", symbol: "AAPL", side: .buy, quantity: 1)
        let order = Order(
            id: number, request: request, user: "trader", status: .filled, createdNanoseconds: 1, updatedNanoseconds: 2)
        let fill = self.fill(number)
        let cash = CashEntry(
            id: "c\(number)", account: "ALPHA", amount: 1, kind: "fee", reason: "", user: "trader", timeNanoseconds: 1)
        let audit = AuditEntry(
            timeNanoseconds: number, who: "trader", what: "order", account: "ALPHA", subject: "\(number)", before: nil,
            after: nil, why: nil)
        return [.order(order), .fill(fill), .cash(cash), .audit(audit)]
    }

    @Test(arguments: StoreEngine.allCases)
    func aSecondInstanceIsRefusedUntilTheFirstIsGone(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        var store: (any StoredDesk)? = try folder.open()
        #expect(folder.openingError() == .alreadyOpen(directory: folder.store))
        if engine == .postgres {
            // From another directory it is the database that is taken.
            let refusal = StoreError.alreadyOpen(directory: "the schema \(folder.schema)")
            #expect(folder.openingError("\(folder.path)/other") == refusal)
        }
        try await store?.close()
        store = nil
        #expect(folder.openingError() == nil)
    }

    @Test func aStoreOfTheVersionBeforeIsUpgradedWithItsBook() async throws {
        let folder = try StoreFolder()
        var store = try SQLiteStore(directory: folder.store)
        var book = RandomJournal.book()
        book.carried = []
        try await store.append([.book(book)])
        try await store.append(Self.trade(1))
        try await store.close()
        try folder.tamper(
            """
            DROP TABLE carried_totals; DROP TABLE notes; DROP INDEX fills_by_order;
            DELETE FROM grdb_migrations WHERE identifier = '3';
            """)
        store = try SQLiteStore(directory: folder.store)
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(snapshot.positions == book.positions && snapshot.carried.isEmpty && snapshot.fills.count == 1)
        try await store.append([.book(RandomJournal.book(.dayRoll))])
        try await store.close()
        store = try SQLiteStore(directory: folder.store)
        #expect(
            try await store.snapshot(ordersSinceNanoseconds: 0).carried == RandomJournal.book().carried)
        try await store.close()
        try folder.tamper("UPDATE carried_totals SET realised = 1 WHERE account = 'ALPHA'")
        #expect(openingError(folder.store) == .derivedTableDiffers(table: "accounts and positions"))
    }

    @Test func nobodyElseMayReadAStore() async throws {
        let folder = try StoreFolder()
        let store = try SQLiteStore(directory: folder.store)
        try await store.append([.book(RandomJournal.book())])
        #expect(try folder.mode("store") == 0o700)
        for file in ["lock", "heads", "desk.sqlite", "desk.sqlite-wal", "desk.sqlite-shm"] {
            #expect(try folder.mode("store/\(file)") == 0o600, "\(file)")
        }
        try await store.close()
        for (path, mode) in [(folder.database, 0o640), (folder.store, 0o750)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            guard case .insecurePermissions(path, UInt32(mode))? = openingError(folder.store) else {
                Issue.record("\(path) with mode \(mode) was accepted")
                continue
            }
        }
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() async throws {
        let folder = try StoreFolder()
        try FileManager.default.createDirectory(
            atPath: folder.store, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try Data().write(to: URL(fileURLWithPath: folder.database))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.database)
        try folder.tamper("CREATE TABLE theirs (a)")
        #expect(openingError(folder.store) == .notAStore(path: folder.database))
    }

    @Test func aNewerVersionsStoreIsRefused() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        try folder.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('999')")
        #expect(openingError(folder.store) == .newerSchema(path: folder.database))
    }

    @Test func anOlderVersionsStoreIsUpgraded() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        try folder.tamper(
            """
            DROP TABLE watchlist_symbols; DROP TABLE watchlists; DROP TABLE history;
            DELETE FROM grdb_migrations WHERE identifier = '2';
            """)
        let store = try SQLiteStore(directory: folder.store)
        try await store.append([.watchlist(Watchlist(user: "trader", name: "main", symbols: ["MSFT", "AAPL"]))])
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(snapshot.watchlists.map(\.symbols) == [["MSFT", "AAPL"]])
        #expect(snapshot.orders.count == 5 && snapshot.fills.count == 5)
        try await store.close()
    }

    @Test func aStoreWithoutStreamPositionsIsUpgraded() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        try folder.tamper(
            """
            DROP TABLE stream_positions; DROP INDEX fills_by_reversed;
            DELETE FROM grdb_migrations WHERE identifier = '5'
            """)
        var store = try SQLiteStore(directory: folder.store)
        #expect(try await store.streamPositions().isEmpty)
        let positions = [
            StreamPosition(topic: "a", partition: 0, offset: 1), StreamPosition(topic: "a", partition: 0, offset: 3),
            StreamPosition(topic: "a", partition: 1, offset: 2), StreamPosition(topic: "b", partition: 0, offset: 0),
        ]
        try await store.append(positions.map { .streamPosition($0) })
        try await store.close()
        store = try SQLiteStore(directory: folder.store)
        #expect(try await store.streamPositions() == Array(positions[1...]))
        try await store.close()
    }

    @Test func aStoreWithoutPreferencesIsUpgraded() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        try folder.tamper("DROP TABLE preferences; DELETE FROM grdb_migrations WHERE identifier = '4'")
        var store = try SQLiteStore(directory: folder.store)
        #expect(try await store.snapshot(ordersSinceNanoseconds: 0).preferences.isEmpty)
        // Where nobody signs in, the user is in no table.
        let wanted = UserPreferences(user: "local", content: #"{"zone": "UTC"}"#)
        try await store.append([.preferences(UserPreferences(user: "local", content: "{}")), .preferences(wanted)])
        try await store.close()
        store = try SQLiteStore(directory: folder.store)
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(snapshot.preferences == [wanted] && snapshot.orders.count == 5)
        try await store.close()
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        var sql: String
        var error: StoreError

        var testDescription: String { self.sql }
    }

    private static let tamperings = [
        Tampering(
            sql: "UPDATE fills SET price = 181 WHERE sequence = 3", error: .rowChanged(table: "fills", sequence: 3)),
        Tampering(
            sql: "UPDATE fills SET order_id = NULL WHERE sequence = 1",
            error: .rowChanged(table: "fills", sequence: 1)),
        Tampering(
            sql: "UPDATE order_events SET \"user\" = 'other' WHERE sequence = 5",
            error: .rowChanged(table: "order_events", sequence: 5)),
        Tampering(sql: "DELETE FROM fills WHERE sequence = 2", error: .chainBroken(table: "fills", sequence: 3)),
        Tampering(
            sql: "DELETE FROM fills WHERE sequence = 5",
            error: .tailLost(table: "fills", expectedCount: 5, actualCount: 4)),
        Tampering(
            sql: "UPDATE audit SET why = 'so' WHERE sequence = 1", error: .rowChanged(table: "audit", sequence: 1)),
        Tampering(
            sql: "UPDATE audit SET sequence = 6 WHERE sequence = 5", error: .rowChanged(table: "audit", sequence: 6)),
        Tampering(
            sql: "UPDATE cash_entries SET amount = -1 WHERE sequence = 4",
            error: .rowChanged(table: "cash_entries", sequence: 4)),
        Tampering(
            sql: "UPDATE store SET commits = 3", error: .tailLost(table: "commits", expectedCount: 6, actualCount: 3)),
        Tampering(sql: "UPDATE orders SET is_open = 1 WHERE id = 2", error: .derivedTableDiffers(table: "orders")),
        Tampering(sql: "DELETE FROM orders WHERE id = 2", error: .derivedTableDiffers(table: "orders")),
        Tampering(
            sql: "UPDATE positions SET quantity = 11 WHERE account = 'ALPHA'",
            error: .derivedTableDiffers(table: "accounts and positions")),
    ]

    @Test(arguments: StoreEngine.allCases, Self.tamperings)
    func whatWasChangedBehindItsBackIsReported(engine: StoreEngine, tampering: Tampering) async throws {
        let folder = try StoreFolder(engine)
        try await Self.filled(folder)
        try folder.tamper(tampering.sql)
        #expect(folder.openingError() == tampering.error)
    }

    @Test func aLostOrDamagedFileOfHeadsIsReported() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        let heads = URL(fileURLWithPath: "\(folder.store)/heads")
        let sound = try Data(contentsOf: heads)
        for index in stride(from: 0, to: sound.count, by: 7) {
            var damaged = sound
            damaged[index] ^= 1
            try damaged.write(to: heads)
            guard case .headsUnreadable? = openingError(folder.store) else {
                Issue.record("byte \(index) was changed, and nothing noticed")
                continue
            }
            try sound.prefix(index).write(to: heads)
            guard case .headsUnreadable? = openingError(folder.store) else {
                Issue.record("cut to \(index) bytes, and nothing noticed")
                continue
            }
        }
        try FileManager.default.removeItem(at: heads)
        let missing = StoreError.headsUnreadable(reason: "it is missing, and 6 transactions are there")
        #expect(openingError(folder.store) == missing)
        try sound.write(to: heads)
        #expect(openingError(folder.store) == nil)
    }

    @Test func aCrashBetweenACommitAndItsHeadsIsNoLoss() async throws {
        let folder = try StoreFolder()
        let heads = URL(fileURLWithPath: "\(folder.store)/heads")
        let empty = try SQLiteStore(directory: folder.store)
        try await empty.close()
        for number in UInt64(0)...2 {
            let before = try Data(contentsOf: heads)
            let store = try SQLiteStore(directory: folder.store)
            try await store.append(number == 0 ? [.book(RandomJournal.book())] : Self.trade(number))
            try await store.close()
            #expect(try Data(contentsOf: heads) != before)
            try before.write(to: heads)
            #expect(openingError(folder.store) == nil)
        }
    }

    @Test func aRewrittenChainIsNotTheOneAcknowledged() async throws {
        let folder = try StoreFolder()
        let other = try StoreFolder()
        try await Self.filled(folder)
        let store = try SQLiteStore(directory: other.store)
        try await store.append([.book(RandomJournal.book())])
        for number in UInt64(11)...16 { try await store.append(Self.trade(number)) }
        try await store.close()
        // Sound in itself and longer, but another one.
        try FileManager.default.removeItem(atPath: folder.database)
        try FileManager.default.copyItem(atPath: other.database, toPath: folder.database)
        #expect(openingError(folder.store) == .headMismatch(table: "order_events", sequence: 5))
    }

    @Test func anEmptiedStoreIsNotTakenForANewOne() async throws {
        let folder = try StoreFolder()
        try await Self.filled(folder)
        try FileManager.default.removeItem(atPath: folder.database)
        #expect(openingError(folder.store) == .tailLost(table: "commits", expectedCount: 6, actualCount: 0))
    }
}
