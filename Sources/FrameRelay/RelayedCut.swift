// SPDX-License-Identifier: Apache-2.0
// What a gateway is given of a channel: the cut, and the frames that were made of it upstream.

import FrameCodec
import FramePublisher

/// A frame as it was encoded, once, by the node that cut the channel.
public struct RelayedFrame: Sendable {
    /// The sequence a delta applies to; `nil` for a snapshot.
    public var base: UInt64?
    public var encoding: FrameEncoding
    public var bytes: [UInt8]

    public init(base: UInt64?, encoding: FrameEncoding, bytes: [UInt8]) {
        self.base = base
        self.encoding = encoding
        self.bytes = bytes
    }
}

public struct RelayedCut: Sendable {
    /// Its state's numbers are those of binary frames: rounded to their decimals.
    public var cut: ChannelCut
    public var frames: [RelayedFrame]

    package init(cut: ChannelCut, frames: [RelayedFrame]) {
        self.cut = cut
        self.frames = frames
    }
}

/// Whom a relay gets what it publishes from: a node's hub, or a gateway's.
package protocol RelaySource: Sendable {
    var catalog: ChannelCatalog { get }
    var epoch: String { get }
    /// The newest state as a zstd frame; `nil` before the channel's first cut.
    func snapshotFrame(channel: Int) -> [UInt8]?
    /// Of the channel's newest cut, 0 before its first.
    func newestSequence(channel: Int) -> UInt64
    func lastEventSequence(channel: Int) -> UInt64
    /// Events after one, oldest first, as far as they are kept.
    func events(channel: Int, keptAfter sequence: UInt64) -> [StreamEvent]
}

/// Where a hub puts what gateways are to have. Nothing here waits.
public protocol FrameOutlet: Sendable {
    /// Whether any gateway wants frames of the channel.
    func isWanted(channel: Int, encoding: FrameEncoding) -> Bool
    /// Frames of one cut.
    func relay(_ frames: [RelayedFrame], channel: Int, sequence: UInt64)
}
