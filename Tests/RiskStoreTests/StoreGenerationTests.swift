// SPDX-License-Identifier: Apache-2.0
// Every opening of a store is counted, and none has the number of another.

import Foundation
import PostgresStore
import RiskDomain
import RiskStore
import Testing

struct StoreGenerationTests {
    @Test(arguments: StoreEngine.allCases)
    func everyOpeningHasAGreaterNumberAndTheStoreItsName(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        var (numbers, names): ([Int64], Set<String>) = ([], [])
        for _ in 0..<3 {
            let store = try folder.open()
            numbers.append(store.generation)
            names.insert(store.identity)
            try await store.close()
        }
        #expect(numbers == [1, 2, 3])
        #expect(names.count == 1 && names.first?.isEmpty == false)
    }

    @Test func whoIsRefusedCountsNothingAndABackupIsAnotherStore() async throws {
        let folder = try StoreFolder()
        let store = try SQLiteStore(directory: folder.store)
        #expect(folder.openingError() == .alreadyOpen(directory: folder.store))
        try await store.backup(to: "\(folder.path)/copy")
        try await store.close()
        let copy = try SQLiteStore(directory: "\(folder.path)/copy")
        #expect(copy.generation == 1 && copy.identity != store.identity)
        try await copy.close()
        let again = try SQLiteStore(directory: folder.store)
        #expect(again.generation == 2 && again.identity == store.identity)
        try await again.close()
    }

    @Test(arguments: ["", "x\n1\n", "0123456789abcdef0123456789abcdef\n", "0123456789abcdef0123456789abcdef\n0\n"])
    func aFileThatIsNotWholeIsRefused(text: String) async throws {
        let folder = try StoreFolder()
        try await SQLiteStore(directory: folder.store).close()
        try text.write(toFile: "\(folder.store)/openings", atomically: false, encoding: .utf8)
        guard case .unreadable? = folder.openingError() else {
            Issue.record("\(String(describing: folder.openingError()))")
            return
        }
    }

    @Test func withoutAnOutboxTheStoreStopsWhereTheServerLeavesItInDoubt() async throws {
        let server = try PostgresServer()
        let folder = try StoreFolder(.postgres, server: server)
        let store = try folder.openPostgres(timeoutMilliseconds: 2_000, outboxEntriesMax: 0)
        try await store.append([.book(RandomJournal.book())])
        try await store.append(StoreStartTests.trade(1))
        #expect(await store.answers())
        try server.stop()
        for number in 2...3 as ClosedRange<UInt64> {
            let error = await storeError { () throws(StoreError) in
                try await store.append(StoreStartTests.trade(number))
            }
            guard case .failed? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(!(await store.answers()))
        #expect(store.failure != nil && store.link?.outboxEntryCount == 0)
        try server.start()
        #expect(await store.answers())
        // What the server has is what counts.
        let next = try folder.openPostgres("\(folder.path)/elsewhere", outboxEntriesMax: 0)
        #expect(next.generation == store.generation + 1)
        let fills = try await next.snapshot(ordersSinceNanoseconds: 0).fills
        #expect(fills.map(\.id) == ["f1"])
        try await next.close()
    }
}
