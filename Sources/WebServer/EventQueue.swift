// SPDX-License-Identifier: Apache-2.0
// A client's events on their way out: in order, never conflated, bounded. Pure.

import NIOCore

/// An event as one text frame, built once for all clients.
package struct WireEvent: Sendable {
    /// Index in the catalog.
    package let channel: Int
    package let sequence: UInt64
    package let frame: ByteBuffer

    package init(channel: Int, sequence: UInt64, frame: ByteBuffer) {
        self.channel = channel
        self.sequence = sequence
        self.frame = frame
    }
}

package struct EventQueue {
    /// Events a client that does not read may have waiting.
    package static let capacity = 1_000

    package enum Outcome: Equatable {
        /// Write it now.
        case write
        /// It waits, or the client has it already.
        case kept
        /// The client is too far behind.
        case overflow
    }

    private var waiting: [ByteBuffer] = []
    /// What each channel's client got or will get, so that a replay and a live event do not overlap.
    private var lastSequences: [Int: UInt64] = [:]

    package init() {}

    package var isEmpty: Bool { self.waiting.isEmpty }

    /// - Parameter sequence: the channel's last event that the client has, or does not want.
    package mutating func begin(channel: Int, at sequence: UInt64) { self.lastSequences[channel] = sequence }

    package mutating func end(channel: Int) { self.lastSequences[channel] = nil }

    package mutating func add(_ event: WireEvent, isWritable: Bool) -> Outcome {
        guard let last = self.lastSequences[event.channel], event.sequence > last else { return .kept }
        if isWritable && self.waiting.isEmpty {
            self.lastSequences[event.channel] = event.sequence
            return .write
        }
        guard self.waiting.count < Self.capacity else { return .overflow }
        self.lastSequences[event.channel] = event.sequence
        self.waiting.append(event.frame)
        return .kept
    }

    /// What waits, oldest first; the queue is empty then.
    package mutating func takeAll() -> [ByteBuffer] {
        defer { self.waiting.removeAll() }
        return self.waiting
    }
}
