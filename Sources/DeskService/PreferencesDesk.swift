// SPDX-License-Identifier: Apache-2.0
// What users want to find again in any browser: journaled first, then shown.

import RiskStore

/// One JSON object a user, whose names are the page's. A change is on disk when ``set(_:user:)`` returns, and changes
/// follow each other.
public actor PreferencesDesk {
    public static let bytesMax = 16_384
    /// What a user has before the first change.
    public static let none = "{}"

    private let store: (any DeskStore)?
    private var contents: [String: String]
    private var latest: Task<Result<Void, StoreError>, Never>?

    /// - Parameters:
    ///   - preferences: as the store has them.
    ///   - store: `nil` where nothing outlives the process.
    public init(_ preferences: [UserPreferences], store: (any DeskStore)?) {
        self.contents = Dictionary(preferences.map { ($0.user, $0.content) }) { $1 }
        self.store = store
    }

    /// With what the store has.
    public init(store: (any DeskStore)?) async throws(StoreError) {
        let snapshot = try await store?.snapshot(ordersSinceNanoseconds: .max)
        self.init(snapshot?.preferences ?? [], store: store)
    }

    public func content(user: String) -> String { self.contents[user] ?? Self.none }

    /// - Parameter content: a JSON object of at most ``bytesMax`` bytes; it is kept as it is.
    public func set(_ content: String, user: String) async throws(StoreError) {
        // The journal's order is the order in which they are shown.
        let before = self.latest
        let task = Task {
            _ = await before?.value
            return await self.write(UserPreferences(user: user, content: content))
        }
        self.latest = task
        try await task.value.get()
    }

    private func write(_ preferences: UserPreferences) async -> Result<Void, StoreError> {
        do throws(StoreError) { try await self.store?.append([.preferences(preferences)]) } catch {
            return .failure(error)
        }
        self.contents[preferences.user] = preferences.content
        return .success(())
    }
}
