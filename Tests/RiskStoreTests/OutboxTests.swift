// SPDX-License-Identifier: Apache-2.0
// The server goes away and comes back: nothing acknowledged is lost or there twice, and nobody else gets in between.

import Foundation
import PostgresStore
import RiskDomain
import RiskSimulation
import RiskStore
import Testing

/// Each has a server of its own, because it is taken away.
@Suite(.serialized) struct OutboxTests {
    /// Looks again and again until a condition holds.
    private static func wait(_ what: String, _ isMet: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !(await isMet()) {
            try #require(ContinuousClock.now < deadline, "waited in vain for \(what)")
            await Task.yield()
        }
    }

    private static func isBack(_ store: any StoredDesk) -> Bool {
        store.link.map { $0.away == nil && $0.outboxEntryCount == 0 } ?? false
    }

    private static func opened(
        _ server: PostgresServer, outboxEntriesMax: Int = 100_000
    ) async throws -> (StoreFolder, PostgresStore) {
        let folder = try StoreFolder(.postgres, server: server)
        let store = try folder.openPostgres(timeoutMilliseconds: 2_000, outboxEntriesMax: outboxEntriesMax)
        try await store.append([.book(RandomJournal.book())])
        return (folder, store)
    }

    @Test func whatWasAcknowledgedWhileTheServerWasAwayIsThereOnce() async throws {
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server)
        defer { withExtendedLifetime(folder) {} }
        for number in UInt64(1)...20 { try await store.append(StoreStartTests.trade(number)) }
        try server.stop()
        for number in UInt64(21)...60 { try await store.append(StoreStartTests.trade(number)) }
        #expect(store.link?.outboxEntryCount == 160 && store.link?.away != nil)
        // What is known is decided as ever: the same again, another under its name, somebody nobody knows.
        let onlyFills = StoreStartTests.trade(55).filter { if case .fill = $0 { true } else { false } }
        let again = try await store.append(onlyFills)
        #expect(again == JournalReceipt(appendedCount: 0, repeatedCount: 1))
        var other = StoreStartTests.fill(56)
        other.price = 1
        #expect(
            await storeError { () throws(StoreError) in try await store.append([.fill(other)]) }
                == .conflict(table: "fills", id: "f56"))
        #expect(try await store.order(id: 60)?.status == .filled)
        let listing = await storeError { () throws(StoreError) in
            _ = try await store.fills(RecordFilter(), page: PageRequest())
        }
        guard case .away? = listing else {
            Issue.record("a list was answered: \(String(describing: listing))")
            return
        }
        try server.start()
        try await Self.wait("the server") { Self.isBack(store) }
        let fills = try await store.snapshot(ordersSinceNanoseconds: 0).fills
        #expect(fills.map(\.id) == (1...60).map { "f\($0)" })
        #expect(store.link?.reconnectCount == 1)
        try await store.verify()
        try await store.close()
    }

    @Test func aFullOutboxRefusesAndLosesNothing() async throws {
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server, outboxEntriesMax: 10)
        defer { withExtendedLifetime(folder) {} }
        try server.stop()
        try await store.append(StoreStartTests.trade(1))
        let history = JournalEntry.history(HistoryPoint(account: nil, seconds: 1, totalPnL: 1))
        try await store.append([history])
        try await store.append(StoreStartTests.trade(2))
        // One place is left: not for history, not for a new order, but for what happened to one that is there.
        guard case .order(let new) = StoreStartTests.trade(3)[0], case .order(var old) = StoreStartTests.trade(2)[0]
        else {
            Issue.record("a trade begins with its order")
            return
        }
        for (entry, fact) in [(history, "kept for orders"), (.order(new), "orders that were accepted")] {
            let error = await storeError { () throws(StoreError) in try await store.append([entry]) }
            guard case .away(let reason)? = error, reason.contains(fact) else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        old.updatedNanoseconds += 1
        try await store.append([.order(old)])
        let error = await storeError { () throws(StoreError) in try await store.append(StoreStartTests.trade(3)) }
        guard case .away(let reason)? = error, reason.contains("holds 10 entries and is full") else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(store.failure == nil)
        try server.start()
        try await Self.wait("the server") { Self.isBack(store) }
        try await store.append(StoreStartTests.trade(3))
        let after = try await store.snapshot(ordersSinceNanoseconds: 0)
        #expect(after.fills.map(\.id) == ["f1", "f2", "f3"] && after.orders[1].updatedNanoseconds == 3)
        try await store.close()
    }

    @Test func anOutboxThatACrashLeftIsBroughtBeforeAnythingElse() async throws {
        let server = try PostgresServer()
        let folder = try StoreFolder(.postgres, server: server)
        var lines = 0
        var isStopped = false
        // The writer goes on into its outbox, and is killed.
        let run = try WriterProcess.run(
            store: folder.store, seed: 4, tasks: 2, orders: 10_000, killAfterLines: 400,
            environment: folder.writerEnvironment,
            isEnough: { count in
                lines = count
                if count >= 100, !isStopped {
                    isStopped = true
                    server.kill()
                }
                return false
            })
        #expect(run.status == SIGKILL && lines >= 400 && !run.report.hasFailed)
        let size = try FileManager.default.attributesOfItem(atPath: "\(folder.store)/outbox")[.size] as? Int
        #expect(size ?? 0 > 10_000)
        try server.start()
        try await WriterProcess.check(try folder.open(), acknowledged: run.report, "after the crash")
        let left = try FileManager.default.attributesOfItem(atPath: "\(folder.store)/outbox")[.size] as? Int
        #expect(left == 0)
    }

    /// The moment of each kill is one the writer's progress gives.
    @Test(arguments: [UInt64(20_261_128)])
    func acknowledgedAppendsSurviveTwentyKillsOfTheServer(seed: UInt64) async throws {
        print("seed \(seed)")
        let server = try PostgresServer()
        let folder = try StoreFolder(.postgres, server: server)
        var random = SplitMix64(seed: seed)
        var next = 20
        var killCount = 0
        var failure: (any Error)?
        let run = try WriterProcess.run(
            store: folder.store, seed: seed, tasks: 8, orders: 100_000, environment: folder.writerEnvironment,
            isEnough: { count in
                guard count >= next, failure == nil else { return failure != nil }
                guard killCount < 20 else { return true }
                server.kill()
                killCount += 1
                do { try server.start() } catch { failure = error }
                next = count + 200 + random.nextIndex(below: 800)
                return false
            })
        if let failure { throw failure }
        #expect(run.status == SIGKILL && killCount == 20 && !run.report.hasFailed)
        print("\(run.report.orders.count) orders, \(run.report.fills.count) fills acknowledged over \(killCount) kills")
        try await WriterProcess.check(try folder.open(), acknowledged: run.report, "seed \(seed)")
    }

    @Test func aServerThatStandsStillIsLeftAndMissesNothing() async throws {
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server)
        defer { withExtendedLifetime(folder) {} }
        try await store.append(StoreStartTests.trade(1))
        server.freeze(true)
        // What is on its way when nothing answers: whether it arrived is found when the server goes on.
        for number in UInt64(2)...10 { try await store.append(StoreStartTests.trade(number)) }
        #expect(store.link?.away != nil)
        server.freeze(false)
        try await Self.wait("the server") { Self.isBack(store) }
        #expect(try await store.snapshot(ordersSinceNanoseconds: 0).fills.map(\.id) == (1...10).map { "f\($0)" })
        try await store.verify()
        try await store.close()
    }

    /// The file is replaced once a second, after the answers.
    @Test func aDirectoryThatIsGoneStopsTheStoreAndAnswersOnce() async throws {
        let folder = try StoreFolder(.postgres)
        let store = try folder.openPostgres()
        try await store.append([.book(RandomJournal.book())])
        try FileManager.default.removeItem(atPath: folder.store)
        var number: UInt64 = 0
        let deadline = ContinuousClock.now + .seconds(60)
        while store.failure == nil {
            try #require(ContinuousClock.now < deadline)
            number += 1
            _ = try? await store.append(StoreStartTests.trade(number))
        }
        guard case .failed(let reason)? = store.failure, reason.contains("server-heads") else {
            Issue.record("\(String(describing: store.failure))")
            return
        }
    }

    @Test func whoLostTheDatabaseToAnotherCommitsNoMore() async throws {
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server)
        // As if a pooler had given our session to somebody else: the lock is gone, the connection is not.
        try server.execute("UPDATE store SET writer = writer + 1", schema: folder.schema)
        let error = await storeError { () throws(StoreError) in try await store.append(StoreStartTests.trade(1)) }
        guard case .failed(let reason)? = error, reason.contains("taken the database over") else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try server.execute("SELECT count(*) FROM fills", schema: folder.schema) == "0\n")
        #expect(store.failure == error)
    }

    @Test func anOutboxDoesNotFollowWhatAnotherWrote() async throws {
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server)
        try server.stop()
        try await store.append(StoreStartTests.trade(1))
        let copy = "\(folder.path)/copy"
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(atPath: "\(folder.store)/outbox", toPath: "\(copy)/outbox")
        try server.start()
        try await Self.wait("the server") { Self.isBack(store) }
        try await store.append(StoreStartTests.trade(2))
        try await store.close()
        let other = try folder.openPostgres("\(folder.path)/other")
        try await other.close()
        guard case .refused(let reason)? = folder.openingError(copy) else {
            Issue.record("an outbox of before was taken")
            return
        }
        #expect(reason.contains("another daemon has written since"))
    }

    @Test(arguments: [UInt64(7)])
    func aDamagedOutboxIsReportedAndATornEndIsNot(seed: UInt64) async throws {
        print("seed \(seed)")
        let server = try PostgresServer()
        let (folder, store) = try await Self.opened(server)
        try server.stop()
        for number in UInt64(1)...4 { try await store.append(StoreStartTests.trade(number)) }
        let path = "\(folder.store)/outbox"
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        try server.start()
        try await Self.wait("the server") { Self.isBack(store) }
        try await store.close()
        var random = SplitMix64(seed: seed)
        for round in 0..<20 {
            var damaged = sound
            damaged[8 + random.nextIndex(below: sound.count / 2)] ^= 0x20
            try damaged.write(to: URL(fileURLWithPath: path))
            let error = folder.openingError()
            switch error {
            case .damaged?, .headsUnreadable?: break
            default: Issue.record("seed \(seed) round \(round): \(String(describing: error))")
            }
        }
        // The last record is cut: it was not acknowledged. The rest the database has already.
        try sound.prefix(sound.count - 5).write(to: URL(fileURLWithPath: path))
        #expect(
            folder.openingError()
                == .refused(
                    reason: "the outbox cannot be brought: the database has 5 transactions, "
                        + "the outbox follows 1 and ends at 4"))
    }
}
