// SPDX-License-Identifier: Apache-2.0
// Copies made while the store works, and books in and out.

import Foundation
import RiskDomain
import RiskStore
import Testing

@Suite struct BackupTests {
    @Test func aBackupMadeUnderLoadOpensAndHoldsWhatWasAcknowledgedBefore() async throws {
        let folder = try StoreFolder()
        let store = try SQLiteStore(directory: folder.store)
        try await store.append([.book(RandomJournal.book())])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt64(1)...50 { try await store.append(StoreStartTests.trade(number)) }
            group.addTask { for number in UInt64(51)...400 { try await store.append(StoreStartTests.trade(number)) } }
            group.addTask { try await store.backup(to: "\(folder.path)/backup") }
            try await group.waitForAll()
        }
        let copy = try SQLiteStore(directory: "\(folder.path)/backup")
        try await copy.verify()
        let fills = try await copy.snapshot(ordersSinceNanoseconds: 0).fills
        #expect(fills.count >= 50 && fills.map(\.id) == (1...fills.count).map { "f\($0)" })
        // It is a store like any other.
        try await copy.append(StoreStartTests.trade(1_000))
        try await copy.close()
        #expect(try folder.mode("backup/desk.sqlite") == 0o600)
        #expect(try folder.mode("backup") == 0o700)
        #expect(try await store.snapshot(ordersSinceNanoseconds: 0).fills.count == 400)
        try await store.close()
    }

    @Test func aBackupReplacesNothing() async throws {
        let folder = try StoreFolder()
        let store = try SQLiteStore(directory: folder.store)
        try await store.append([.book(RandomJournal.book())])
        try await store.backup(to: "\(folder.path)/backup")
        let error = await storeError { () throws(StoreError) in try await store.backup(to: "\(folder.path)/backup") }
        #expect(error == .fileSystem(operation: "mkdir", path: "\(folder.path)/backup", code: EEXIST))
        try await store.close()
    }

    @Test func aDamagedPageIsFound() async throws {
        let folder = try StoreFolder()
        try await StoreStartTests.filled(folder)
        try folder.tamper("PRAGMA ignore_check_constraints = 1; DELETE FROM users")
        let url = URL(fileURLWithPath: folder.database)
        let store = try SQLiteStore(directory: folder.store)
        #expect(try await store.verify()["fills"] == 5)
        try await store.close()
        var bytes = try Data(contentsOf: url)
        // An index's page: what the chains do not read.
        let page = try #require(
            stride(from: 4_096, to: bytes.count, by: 4_096).first { bytes[$0] == 10 && bytes[$0 + 4] > 0 })
        bytes[page + 4] = 0
        try bytes.write(to: url)
        let damaged = try SQLiteStore(directory: folder.store)
        let error = await storeError { () throws(StoreError) in try await damaged.verify() }
        guard case .damaged? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aBookIsImportedOnce(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        let book = RandomJournal.book()
        let load = { () async throws(StoreError) in
            try await store.importBook(
                accounts: book.accounts, positions: book.positions, day: book.day, user: "ops", timeNanoseconds: 9)
        }
        try await load()
        #expect(await storeError(load) == .refused(reason: "a book was imported before"))
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(snapshot.accounts == book.accounts && snapshot.positions == book.positions)
        #expect(snapshot.bookDay == book.day)
        let audit = try await store.audit(RecordFilter(), page: PageRequest()).items
        #expect(audit.map(\.what) == ["book.import"] && audit.first?.after == "3 accounts, 2 positions")
        try await store.close()
    }

    @Test(arguments: StoreEngine.allCases)
    func aDayRollTakesTheDaysFillsIntoTheBook(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        try await store.append(StoreStartTests.trade(1))
        var next = RandomJournal.book(.dayRoll)
        next.day = CalendarDay(daysSince1970: 20_001)
        next.positions[0].quantity += 1
        try await store.append([.book(next)])
        try await store.append(StoreStartTests.trade(2))
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(snapshot.positions == next.positions && snapshot.bookDay == next.day)
        #expect(snapshot.fills.map(\.id) == ["f2"] && snapshot.cash.map(\.id) == ["c2"])
        try await store.close()
    }

    @Test func exportedBooksAreTheFilesTheyCameFrom() throws {
        var snapshot = DeskSnapshot()
        snapshot.accounts = [
            Account(
                id: "A", name: "A, \"the\" first", currency: "USD", cash: 0.1, marginLimit: nil, group: "Desk/Long"),
            Account(id: "B", name: "B", currency: "EUR", cash: -1e6, marginLimit: 250_000),
        ]
        snapshot.positions = [
            Position(account: "A", symbol: "AAPL", quantity: -10.5, averageCost: 180.25, strategy: nil)
        ]
        #expect(
            snapshot.accountsCSV == """
                account,name,currency,cash,margin_limit,group
                A,"A, ""the"" first",USD,0.1,,Desk/Long
                B,B,EUR,-1000000.0,250000.0,

                """)
        #expect(snapshot.positionsCSV == "account,symbol,quantity,avg_cost,strategy\nA,AAPL,-10.5,180.25,\n")
    }
}
