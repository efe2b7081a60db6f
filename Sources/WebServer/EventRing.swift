// SPDX-License-Identifier: Apache-2.0
// The recent events of one channel, in order and without holes. Pure.

/// Something that happened on a channel: an order, a fill, an alert. Unlike data it is never conflated.
package struct StreamEvent: Sendable, Equatable {
    /// From 1, one more than the channel's previous event.
    package let sequence: UInt64
    /// `order`, `fill` or `alert`.
    package let kind: String
    /// A JSON object.
    package let data: [UInt8]
}

package struct EventRing: Sendable {
    /// Events kept for clients that come back.
    package static let capacity = 1_000

    /// Oldest first; a ring once it is full.
    private var events: [StreamEvent] = []
    private var oldest = 0
    package private(set) var lastSequence: UInt64 = 0

    package init() {}

    package mutating func append(kind: String, data: [UInt8]) -> StreamEvent {
        self.lastSequence += 1
        let event = StreamEvent(sequence: self.lastSequence, kind: kind, data: data)
        if self.events.count < Self.capacity {
            self.events.append(event)
        } else {
            self.events[self.oldest] = event
            self.oldest = (self.oldest + 1) % Self.capacity
        }
        return event
    }

    /// What a client that has seen `sequence` has missed, oldest first; `nil` where some of it is gone, or the client
    /// claims what has not happened.
    package func events(after sequence: UInt64) -> [StreamEvent]? {
        guard sequence <= self.lastSequence else { return nil }
        let missed = Int(self.lastSequence - sequence)
        guard missed <= self.events.count else { return nil }
        return (self.events.count - missed..<self.events.count).map {
            self.events[(self.oldest + $0) % self.events.count]
        }
    }
}
