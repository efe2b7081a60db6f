// SPDX-License-Identifier: Apache-2.0
// One channel of an upstream: where its state is, and what waits for it.

import FrameCodec
import FramePublisher

struct RelayedChannel {
    /// States kept for clients that are behind or come back: as many as on the node that cut them, fewer while nobody
    /// follows the channel here.
    private static let pastLimit = 64
    private static let unwantedPastLimit = 16
    /// Live frames kept while the state they go on from is asked for.
    private static let keptLimit = 16

    /// A frame whose cut comes with the next zstd frame.
    struct Twin {
        var sequence: UInt64
        var frame: RelayedFrame
    }

    let name: String
    /// Whether its frames are subscribed to.
    var isFollowed = false
    /// Of the state here; `nil` for none.
    var sequence: UInt64?
    var eventSequence: UInt64 = 0
    /// When its state was asked for; `nil` while nothing is missing.
    var askedNanoseconds: UInt64?
    var twin: Twin?
    private var past: [PastState] = []
    private var kept: [[UInt8]] = []

    init(name: String) { self.name = name }

    func isNew(_ sequence: UInt64) -> Bool { self.sequence.map { sequence > $0 } ?? true }

    /// Whether a frame can be applied to what is here.
    func follows(_ head: FrameHead) -> Bool { head.base == nil || head.base == self.sequence }

    mutating func keep(_ frame: [UInt8]) {
        // The oldest are of no use without those before them, and the answer may be newer than all.
        if self.kept.count >= Self.keptLimit { self.kept.removeFirst() }
        self.kept.append(frame)
    }

    mutating func takeKept() -> [[UInt8]] {
        defer { self.kept = [] }
        return self.kept
    }

    /// Its frames come no more. What was told of its past stays true.
    mutating func leave() {
        self.isFollowed = false
        self.sequence = nil
        self.askedNanoseconds = nil
        self.twin = nil
        self.kept = []
    }

    /// The cut of a frame that was decoded, which becomes the newest.
    mutating func cut(_ frame: DecodedFrame, bytes: [UInt8], index: Int, isWanted: Bool) -> RelayedCut {
        // No delta leads from one layout to another.
        if let newest = self.past.last, newest.state.layout != frame.state.layout { self.past = [] }
        var frames = [RelayedFrame(base: frame.head.base, encoding: .zstd, bytes: bytes)]
        if let twin, twin.sequence == frame.head.sequence, twin.frame.base == frame.head.base {
            frames.insert(twin.frame, at: 0)
        }
        self.twin = nil
        let cut = ChannelCut(
            channel: index, name: self.name, sequence: frame.head.sequence,
            cutNanoseconds: frame.head.cutNanoseconds, newestNanoseconds: frame.head.newestNanoseconds,
            oldestNanoseconds: frame.head.oldestNanoseconds, state: frame.state, past: self.past,
            carriesChecksum: frame.checksum != nil, scenarioPnL: [])
        self.sequence = frame.head.sequence
        let limit = isWanted ? Self.pastLimit : Self.unwantedPastLimit
        if self.past.count >= limit { self.past.removeFirst(self.past.count - limit + 1) }
        self.past.append(PastState(sequence: frame.head.sequence, state: frame.state))
        return RelayedCut(cut: cut, frames: frames)
    }
}
