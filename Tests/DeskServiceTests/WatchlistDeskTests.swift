// SPDX-License-Identifier: Apache-2.0
// Watchlists: each user's own, bounded, and in the end as the journal has them.

import DeskService
import Foundation
import RiskStore
import Testing

struct WatchlistDeskTests {
    @Test func everyUserHasListsOfTheirOwn() async throws {
        let desk = WatchlistDesk([Watchlist(user: "ann", name: "default", symbols: ["A"])], store: nil)
        try await desk.set(["B", "A"], user: "bob", name: "default")
        #expect(await desk.symbols(user: "ann", name: "default") == ["A"])
        #expect(await desk.symbols(user: "bob", name: "default") == ["B", "A"])
        #expect(await desk.symbols(user: "bob", name: "other").isEmpty)
    }

    @Test func theNumberOfListsIsBounded() async throws {
        let desk = WatchlistDesk([], store: nil)
        for number in 0..<WatchlistDesk.listsMax { try await desk.set([], user: "ann", name: "\(number)") }
        #expect(await !desk.hasRoom(user: "ann", name: "one more"))
        #expect(await desk.hasRoom(user: "ann", name: "3"))
        #expect(await desk.hasRoom(user: "bob", name: "one more"))
    }

    @Test func whatIsShownIsWhatWasJournaledLast() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lists-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(directory: folder.path)
        let desk = try await WatchlistDesk(store: store)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { try? await desk.set(["S\(number)"], user: "ann", name: "default") }
            }
        }
        let shown = await desk.symbols(user: "ann", name: "default")
        let kept = try await store.snapshot(ordersSinceNanoseconds: .max).watchlists
        #expect(kept == [Watchlist(user: "ann", name: "default", symbols: shown)] && shown.count == 1)
        try await store.close()
    }
}
