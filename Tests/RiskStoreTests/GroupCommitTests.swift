// SPDX-License-Identifier: Apache-2.0
// Appends that come at once share transactions, and a refused one takes no other with it.

import RiskDomain
import RiskStore
import Testing

@Suite struct GroupCommitTests {
    @Test(arguments: StoreEngine.allCases)
    func aThousandAppendsOfFiftyTasksShareTheirSyncs(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        let before = store.statistics
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in UInt64(0)..<50 {
                group.addTask {
                    for index in UInt64(1)...20 { try await store.append(StoreStartTests.trade(task * 20 + index)) }
                }
            }
            try await group.waitForAll()
        }
        let commits = store.statistics.commitCount - before.commitCount
        print("1000 appends in \(commits) commits")
        #expect(store.statistics.entryCount - before.entryCount == 4_000)
        // Each task waits for its own append, so a group holds 50 at most: 20 commits are the least.
        #expect(commits >= 20 && commits <= 250)
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(Set(snapshot.fills.map(\.id)).count == 1_000 && snapshot.orders.count == 1_000)
        try await store.verify()
        try await store.close()
    }

    @Test(arguments: StoreEngine.allCases)
    func aRefusedAppendTakesNoOtherOfItsGroupWithIt(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in UInt64(1)...200 {
                group.addTask {
                    let orphan = Fill(
                        id: "orphan\(number)", orderID: nil, account: "NOBODY", symbol: "AAPL", quantity: 1, price: 1,
                        rate: 1, fees: 0, timeNanoseconds: 1)
                    let isWrong = number.isMultiple(of: 3)
                    let entries = StoreStartTests.trade(number) + (isWrong ? [.fill(orphan)] : [])
                    let error = await storeError { () throws(StoreError) in try await store.append(entries) }
                    if case .refused? = error { return true }
                    #expect(error == nil)
                    return false
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused == 66)
        let snapshot = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(Set(snapshot.fills.map(\.id)) == Set((1...200).filter { $0 % 3 != 0 }.map { "f\($0)" }))
        try await store.verify()
        try await store.close()
    }

    @Test func theLogIsWrittenBackWhileTheStoreWorks() async throws {
        let folder = try StoreFolder()
        let store = try SQLiteStore(directory: folder.store)
        try await store.append([.book(RandomJournal.book())])
        for first in stride(from: UInt64(1), to: 4_500, by: 500) {
            try await store.append((first..<(first + 500)).flatMap { StoreStartTests.trade($0) })
        }
        #expect(store.statistics.checkpointCount >= 2)
        try await store.verify()
        try await store.close()
    }

    @Test(arguments: StoreEngine.allCases)
    func moreThanTheQueueHoldsIsRefusedWithoutBeingKept(engine: StoreEngine) async throws {
        let folder = try StoreFolder(engine)
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        let audit = AuditEntry(
            timeNanoseconds: 1, who: "test", what: "flood", account: nil, subject: "", before: nil, after: nil, why: nil
        )
        let flood = [JournalEntry](repeating: .audit(audit), count: SQLiteStore.queueEntriesMax + 1)
        let error = await storeError { () throws(StoreError) in try await store.append(flood) }
        #expect(error == .queueFull(limit: SQLiteStore.queueEntriesMax))
        #expect(try await store.audit(RecordFilter(), page: PageRequest()).items.isEmpty)
        try await store.append([.audit(audit)])
        try await store.close()
        let closed = await storeError { () throws(StoreError) in try await store.append([.audit(audit)]) }
        #expect(closed == .closed)
    }
}
