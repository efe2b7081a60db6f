// SPDX-License-Identifier: Apache-2.0
// Preferences: each user's own, and in the end as the journal has them.

import DeskService
import Foundation
import RiskStore
import Testing

struct PreferencesDeskTests {
    @Test func everyUserHasPreferencesOfTheirOwn() async throws {
        let desk = PreferencesDesk([UserPreferences(user: "ann", content: #"{"a": 1}"#)], store: nil)
        try await desk.set(#"{"b":2}"#, user: "bob")
        #expect(await desk.content(user: "ann") == #"{"a": 1}"#)
        #expect(await desk.content(user: "bob") == #"{"b":2}"#)
        #expect(await desk.content(user: "eve") == "{}")
    }

    @Test func whatIsShownIsWhatWasJournaledLast() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prefs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(directory: folder.path)
        let desk = try await PreferencesDesk(store: store)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 { group.addTask { try? await desk.set(#"{"n":\#(number)}"#, user: "ann") } }
        }
        let shown = await desk.content(user: "ann")
        let kept = try await store.snapshot(ordersSinceNanoseconds: .max).preferences
        #expect(kept == [UserPreferences(user: "ann", content: shown)] && shown != PreferencesDesk.none)
        #expect(try await PreferencesDesk(store: store).content(user: "ann") == shown)
        try await store.close()
    }

    @Test func whatCannotBeWrittenDownIsNotShown() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prefs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(directory: folder.path)
        let desk = try await PreferencesDesk(store: store)
        try await desk.set(#"{"n":1}"#, user: "ann")
        try await store.close()
        await #expect(throws: StoreError.self) { try await desk.set(#"{"n":2}"#, user: "ann") }
        #expect(await desk.content(user: "ann") == #"{"n":1}"#)
    }
}
