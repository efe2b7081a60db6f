// SPDX-License-Identifier: Apache-2.0
// What is known of a message before its ticks are looked at.

/// What a message is; the raw value is its code on the wire.
public enum MessageKind: UInt8, Sendable, CaseIterable {
    case ticks, snapshot, heartbeat
}

/// Head of a message whose framing is right.
public struct MessageHead: Sendable, Equatable {
    public let kind: MessageKind
    /// Only ever true of a ``MessageKind/snapshot``.
    public let isLastOfSnapshot: Bool
    /// Ticks in the message: what ``TickDecoder/decodeTicks(_:head:into:)`` accepts and rejects adds up to it.
    public let count: Int
    /// Publisher's start, nanoseconds since 1970; `nil` together with ``sequence`` in the unsequenced short JSON form.
    public let epoch: UInt64?
    /// Place of the message in its epoch, from 0.
    public let sequence: UInt64?
    /// Nanoseconds since 1970; `nil` where the publisher does not say.
    public let sentNanoseconds: UInt64?
    let body: Body

    /// Where the ticks are in the payload.
    enum Body: Sendable, Equatable {
        case records
        /// Offset of the JSON array `ticks`.
        case tickArray(offset: Int)
        /// Offset of the JSON object `prices`.
        case priceObject(offset: Int)
    }
}
