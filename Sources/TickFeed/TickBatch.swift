// SPDX-License-Identifier: Apache-2.0
// What decoding one message gives.

import RiskDomain

/// The reused output of decoding: grown to the largest message, decoding binary messages allocates nothing.
public struct TickBatch: Sendable {
    /// Of the message decoded last; an unsequenced heartbeat before the first.
    public internal(set) var head: MessageHead
    /// Accepted ticks in the order of the message; `instrument` is the index. Prices that are not present are 0.
    public internal(set) var ticks: [Tick] = []
    /// Of the message decoded last.
    public internal(set) var rejected = RejectCounts()

    /// - Parameter capacity: ticks to make room for at once.
    public init(capacity: Int = 1024) {
        self.head = MessageHead(
            kind: .heartbeat, isLastOfSnapshot: false, count: 0, epoch: nil, sequence: nil, sentNanoseconds: nil,
            body: .records)
        self.ticks.reserveCapacity(capacity)
    }

    mutating func begin(_ head: MessageHead) {
        self.head = head
        self.ticks.removeAll(keepingCapacity: true)
        self.rejected.reset()
    }
}
