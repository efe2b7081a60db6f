// SPDX-License-Identifier: Apache-2.0
// The symbols users watch: journaled first, then shown.

import RiskDomain
import RiskStore

/// The lists of all users by name. A change is on disk when ``set(_:user:name:)`` returns, and changes follow each
/// other.
public actor WatchlistDesk {
    public static let symbolsMax = 200
    public static let listsMax = 20
    public static let nameBytesMax = 64
    /// The list a user has without naming one.
    public static let standardName = "default"

    private struct Key: Hashable {
        let user: String
        let name: String
    }

    private let store: (any DeskStore)?
    private var lists: [Key: [String]]
    private var latest: Task<Result<Void, StoreError>, Never>?

    /// - Parameters:
    ///   - lists: as the store has them.
    ///   - store: `nil` where nothing outlives the process.
    public init(_ lists: [Watchlist], store: (any DeskStore)?) {
        self.lists = Dictionary(lists.map { (Key(user: $0.user, name: $0.name), $0.symbols) }) { $1 }
        self.store = store
    }

    /// With the lists the store has.
    public init(store: (any DeskStore)?) async throws(StoreError) {
        let snapshot = try await store?.snapshot(ordersSinceNanoseconds: .max)
        self.init(snapshot?.watchlists ?? [], store: store)
    }

    /// Empty where there is no such list.
    public func symbols(user: String, name: String) -> [String] {
        self.lists[Key(user: user, name: name)] ?? []
    }

    /// Whether a list of that name can be set: it is there, or there is room for another.
    public func hasRoom(user: String, name: String) -> Bool {
        self.lists[Key(user: user, name: name)] != nil
            || self.lists.keys.count { $0.user == user } < Self.listsMax
    }

    /// Replaces a list; an empty one stays as a list.
    ///
    /// - Parameter symbols: each once, at most ``symbolsMax``.
    public func set(_ symbols: [String], user: String, name: String) async throws(StoreError) {
        // The journal's order is the order in which they are shown.
        let before = self.latest
        let task = Task {
            _ = await before?.value
            return await self.write(Watchlist(user: user, name: name, symbols: symbols))
        }
        self.latest = task
        try await task.value.get()
    }

    private func write(_ list: Watchlist) async -> Result<Void, StoreError> {
        do throws(StoreError) { try await self.store?.append([.watchlist(list)]) } catch { return .failure(error) }
        self.lists[Key(user: list.user, name: list.name)] = list.symbols
        return .success(())
    }
}
