// SPDX-License-Identifier: Apache-2.0
// In which order a source visits its instruments.

/// The order of instruments within a round; every round visits each exactly once.
public enum TickOrder: String, Sendable, CaseIterable {
    /// 0, 1, 2 … in every round.
    case roundRobin
    /// A new seeded permutation in every round.
    case shuffled
}

/// Walks rounds of `count` visits without allocating: a shuffled round is dealt one Fisher–Yates step at a time.
struct VisitOrder: Sendable {
    private var indices: [Int]
    private let order: TickOrder
    /// Visits done in this round.
    private(set) var visited = 0

    init(_ indices: [Int], order: TickOrder) {
        self.indices = indices
        self.order = order
    }

    var isRoundComplete: Bool { self.visited == self.indices.count }

    mutating func startRound() {
        self.visited = 0
    }

    /// - Precondition: the round is not complete.
    mutating func next(_ random: inout SplitMix64) -> Int {
        if self.order == .shuffled {
            self.indices.swapAt(self.visited, self.visited + random.nextIndex(below: self.indices.count - self.visited))
        }
        defer { self.visited += 1 }
        return self.indices[self.visited]
    }
}
