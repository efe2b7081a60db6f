// SPDX-License-Identifier: Apache-2.0
// The recent events of one channel, in order and without holes. Pure.

import FramePublisher

package struct EventRing: Sendable {
    /// Events kept for clients that come back.
    package static let capacity = 1_000

    /// Oldest first; a ring once it is full.
    private var events: [StreamEvent] = []
    private var oldest = 0
    package private(set) var lastSequence: UInt64

    /// - Parameter floor: numbers are above it.
    package init(floor: UInt64 = 0) { self.lastSequence = floor }

    package mutating func append(kind: String, data: [UInt8]) -> StreamEvent {
        let event = StreamEvent(sequence: self.lastSequence + 1, kind: kind, data: data)
        self.append(event)
        return event
    }

    /// Takes an event that was numbered elsewhere; what is not the next one begins the ring anew.
    package mutating func append(_ event: StreamEvent) {
        if event.sequence != self.lastSequence + 1 { self.skip(to: event.sequence - 1) }
        self.lastSequence = event.sequence
        if self.events.count < Self.capacity {
            self.events.append(event)
        } else {
            self.events[self.oldest] = event
            self.oldest = (self.oldest + 1) % Self.capacity
        }
    }

    /// Events up to `sequence` happened and are not known here.
    package mutating func skip(to sequence: UInt64) {
        self.events = []
        self.oldest = 0
        self.lastSequence = sequence
    }

    /// Those after `sequence` as far as they are kept, oldest first.
    package func kept(after sequence: UInt64) -> [StreamEvent] {
        let oldestKept = self.lastSequence - UInt64(self.events.count)
        return self.events(after: min(max(sequence, oldestKept), self.lastSequence)) ?? []
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
