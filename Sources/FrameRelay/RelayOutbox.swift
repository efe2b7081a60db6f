// SPDX-License-Identifier: Apache-2.0
// What waits to be published, and how far everything has been. Pure.

/// Bounded: what does not fit is dropped and counts as published, so that whoever compares positions asks for it.
struct RelayOutbox: Sendable {
    struct Item: Sendable {
        var topic: [UInt8]
        var payload: [UInt8]
    }

    private let limit: Int
    private var items: [Item] = []
    private(set) var positions: [RelayPosition] = []
    /// Since the last ``takeAll()``.
    private var dropped = 0

    init(limit: Int) { self.limit = limit }

    /// Another run: what waits belongs to one that has ended.
    mutating func begin(_ positions: [RelayPosition]) {
        self.items = []
        self.positions = positions
    }

    mutating func add(_ items: [Item]) {
        guard self.items.count + items.count <= self.limit else {
            self.dropped += items.count
            return
        }
        self.items += items
    }

    mutating func published(frame sequence: UInt64, channel: Int) {
        guard self.positions.indices.contains(channel) else { return }
        self.positions[channel].frame = max(self.positions[channel].frame, sequence)
    }

    mutating func published(event sequence: UInt64, channel: Int) {
        guard self.positions.indices.contains(channel) else { return }
        self.positions[channel].event = max(self.positions[channel].event, sequence)
    }

    /// What waits, oldest first, and where everything is once that is published.
    mutating func takeAll() -> (items: [Item], positions: [RelayPosition], dropped: Int) {
        defer {
            self.items.removeAll(keepingCapacity: true)
            self.dropped = 0
        }
        return (self.items, self.positions, self.dropped)
    }
}
