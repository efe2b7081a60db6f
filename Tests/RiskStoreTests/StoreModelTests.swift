// SPDX-License-Identifier: Apache-2.0
// Every store does what its contract in memory does, whatever is appended, also after it was opened again.

import RiskDomain
import RiskStore
import Testing

@Suite struct StoreModelTests {
    /// What of an outcome must agree: texts may differ.
    private static func outcome(_ store: some DeskStore, _ batch: [JournalEntry]) async -> String {
        do {
            let receipt = try await store.append(batch)
            return "appended \(receipt.appendedCount), repeated \(receipt.repeatedCount)"
        } catch {
            switch error {
            case .conflict: return "conflict"
            case .refused: return "refused"
            case .unstorable: return "unstorable"
            default: return "\(error)"
            }
        }
    }

    /// All pages of a list, one after the other.
    private static func all<Element>(
        limit: Int, _ read: (PageRequest) async throws -> Page<Element>
    ) async throws -> [Element] {
        var items: [Element] = []
        var before: UInt64?
        repeat {
            let page = try await read(PageRequest(before: before, limit: limit))
            items += page.items
            before = page.next
        } while before != nil
        return items
    }

    private static func compare(_ store: any StoredDesk, _ model: MemoryStore, _ seed: UInt64) async throws {
        for since in [0, 30, UInt64.max] {
            let stored = try await store.snapshot(ordersSinceNanoseconds: since)
            #expect(stored == (try await model.snapshot(ordersSinceNanoseconds: since)), "seed \(seed)")
        }
        for accounts in [nil, ["ALPHA"], ["BETA", "GAMMA"], []] as [[String]?] {
            let records = RecordFilter(accounts: accounts)
            for limit in [1, 7, 100] {
                for isOpenOnly in [false, true] {
                    let orders = OrderFilter(accounts: accounts, isOpenOnly: isOpenOnly)
                    let stored = try await Self.all(limit: limit) { try await store.orders(orders, page: $0) }
                    let expected = try await Self.all(limit: 1_000) { try await model.orders(orders, page: $0) }
                    #expect(stored == expected, "seed \(seed)")
                }
                let fills = try await Self.all(limit: limit) { try await store.fills(records, page: $0) }
                #expect(fills == (try await model.fills(records, page: PageRequest(limit: 1_000)).items))
                let alerts = try await Self.all(limit: limit) { try await store.alerts(records, page: $0) }
                #expect(alerts == (try await model.alerts(records, page: PageRequest(limit: 1_000)).items))
                let audit = try await Self.all(limit: limit) { try await store.audit(records, page: $0) }
                #expect(audit == (try await model.audit(records, page: PageRequest(limit: 1_000)).items))
            }
        }
        let ids = (0..<80).map { "f\($0)" }
        for wanted in [[], ids, ["f3", "f3", "none"]] {
            #expect(try await store.fills(ids: wanted) == (try await model.fills(ids: wanted)), "seed \(seed)")
        }
        #expect(try await store.streamPositions() == (try await model.streamPositions()), "seed \(seed)")
        for id in UInt64(0)...61 {
            let order = try await model.order(id: id)
            #expect(try await store.order(id: id) == order, "seed \(seed)")
            #expect(try await store.original(orderID: id) == (try await model.original(orderID: id)), "seed \(seed)")
            #expect(try await store.fills(ofOrder: id) == (try await model.fills(ofOrder: id)), "seed \(seed)")
            #expect(try await store.fill(id: "f\(id)") == (try await model.fill(id: "f\(id)")), "seed \(seed)")
            guard let account = order?.request.account, let client = order?.request.clientOrderID else { continue }
            #expect(try await store.order(account: account, clientOrderID: client) == order, "seed \(seed)")
        }
        for account in [nil, "ALPHA", "BETA"] as [String?] {
            for resolution in HistoryResolution.allCases {
                let stored = try await store.history(
                    account: account, resolution: resolution, fromSeconds: 1_000, limit: 50)
                let expected = try await model.history(
                    account: account, resolution: resolution, fromSeconds: 1_000, limit: 50)
                #expect(stored == expected, "seed \(seed)")
            }
        }
    }

    @Test(arguments: StoreEngine.allCases, UInt64(1)...6)
    func storeDoesWhatItsModelDoes(engine: StoreEngine, seed: UInt64) async throws {
        let folder = try StoreFolder(engine)
        let model = MemoryStore()
        var journal = RandomJournal(seed: seed)
        var outcomes: [String: Int] = [:]
        for _ in 0..<3 {
            let store = try folder.open()
            for _ in 0..<150 {
                var batch = journal.batch()
                if journal.index(10) == 0 { batch.insert(.book(RandomJournal.book()), at: 0) }
                let expected = await Self.outcome(model, batch)
                let actual = await Self.outcome(store, batch)
                #expect(actual == expected, "seed \(seed): \(batch)")
                outcomes[expected.split(separator: " ")[0].description, default: 0] += 1
            }
            try await Self.compare(store, model, seed)
            try await store.close()
        }
        // The seeds reach every outcome, so that none of them goes untested.
        for kind in ["appended", "conflict", "refused", "unstorable"] {
            #expect(outcomes[kind, default: 0] > 0, "seed \(seed) never \(kind)")
        }
    }
}
