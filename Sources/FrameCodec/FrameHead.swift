// SPDX-License-Identifier: Apache-2.0
// What every data frame says besides its data, and the subprotocols that carry it.

/// The envelope of a snapshot or delta (DESIGN.md §6). Times are nanoseconds since 1970.
public struct FrameHead: Sendable, Equatable {
    public var channel: String
    public var sequence: UInt64
    /// The sequence a delta applies to; `nil` for a snapshot.
    public var base: UInt64?
    public var cutNanoseconds: UInt64
    /// Sent time of the newest tick since the channel's previous cut; `nil` where there was none.
    public var newestNanoseconds: UInt64?
    /// Likewise of the oldest.
    public var oldestNanoseconds: UInt64?
    /// Whether the subscription continued where it had ended; only snapshots carry it.
    public var resumed: Bool

    public init(
        channel: String, sequence: UInt64, base: UInt64? = nil, cutNanoseconds: UInt64,
        newestNanoseconds: UInt64? = nil, oldestNanoseconds: UInt64? = nil, resumed: Bool = false
    ) {
        self.channel = channel
        self.sequence = sequence
        self.base = base
        self.cutNanoseconds = cutNanoseconds
        self.newestNanoseconds = newestNanoseconds
        self.oldestNanoseconds = oldestNanoseconds
        self.resumed = resumed
    }
}

/// How frames travel; raw values are the WebSocket subprotocols.
public enum FrameEncoding: String, Sendable, CaseIterable {
    case zstd = "tickrisk.v1.zstd"
    case deflate = "tickrisk.v1.deflate"
    case json = "tickrisk.v1.json"

    /// Whether data frames are binary WebSocket messages (else text).
    public var isBinary: Bool { self != .json }
}
