// SPDX-License-Identifier: Apache-2.0
// Finds what got lost or came twice between a publisher and us.

/// What a message's epoch and sequence say.
public enum SequenceVerdict: Sendable, Equatable {
    /// The next one, or the first ever.
    case inOrder
    /// Newer than the next one: `missing` ≥ 1 messages between are lost. The message itself is good.
    case gap(missing: UInt64)
    /// Seen, or older than one seen: to be dropped.
    case duplicate
    /// The publisher started again; its first `missing` messages, 0 or more, are lost. The message itself is good.
    case restart(missing: UInt64)
}

/// Judges the sequence of live messages: kinds ``MessageKind/ticks`` and ``MessageKind/heartbeat`` share it, snapshots
/// do not pass through here (DESIGN.md §4).
public struct SequenceTracker: Sendable {
    /// A publisher's run and the last message taken from it.
    public struct Position: Sendable, Equatable {
        public let epoch: UInt64
        public let sequence: UInt64
    }

    /// `nil` before the first message.
    public private(set) var position: Position?

    public init() {}

    /// Judges a message and, unless it is a duplicate, moves to it.
    public mutating func accept(epoch: UInt64, sequence: UInt64) -> SequenceVerdict {
        let previous = self.position
        if let previous, epoch == previous.epoch, sequence <= previous.sequence { return .duplicate }
        self.position = Position(epoch: epoch, sequence: sequence)
        guard let previous else { return .inOrder }
        guard epoch == previous.epoch else { return .restart(missing: sequence) }
        let missing = sequence - previous.sequence - 1
        return missing == 0 ? .inOrder : .gap(missing: missing)
    }
}
