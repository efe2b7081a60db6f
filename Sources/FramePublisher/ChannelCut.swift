// SPDX-License-Identifier: Apache-2.0
// One published cut of a channel: everything its frames are made of.

import FrameCodec

/// A state some client may still be at.
public struct PastState: Sendable {
    public let sequence: UInt64
    public let state: ChannelState

    package init(sequence: UInt64, state: ChannelState) {
        self.sequence = sequence
        self.state = state
    }
}

/// An immutable cut: the newest state of a channel with the states before it that deltas may start from.
public struct ChannelCut: Sendable {
    /// Index of the channel in ``ChannelCatalog``.
    public let channel: Int
    public let name: String
    public let sequence: UInt64
    public let cutNanoseconds: UInt64
    public let newestNanoseconds: UInt64?
    public let oldestNanoseconds: UInt64?
    public let state: ChannelState
    /// Oldest first; the last is the cut before this one.
    public let past: [PastState]
    /// Whether deltas to this cut carry the checksum of the state.
    public let carriesChecksum: Bool
    /// Scenario P&L in currency by historical scenario; empty for the market.
    public let scenarioPnL: [Double]
    /// What the firm's figures rest on, of a cut that the engine here made of its accounts; else `nil`.
    public let basis: FirmBasis?

    package init(
        channel: Int, name: String, sequence: UInt64, cutNanoseconds: UInt64, newestNanoseconds: UInt64?,
        oldestNanoseconds: UInt64?, state: ChannelState, past: [PastState], carriesChecksum: Bool,
        scenarioPnL: [Double], basis: FirmBasis? = nil
    ) {
        self.channel = channel
        self.name = name
        self.sequence = sequence
        self.cutNanoseconds = cutNanoseconds
        self.newestNanoseconds = newestNanoseconds
        self.oldestNanoseconds = oldestNanoseconds
        self.state = state
        self.past = past
        self.carriesChecksum = carriesChecksum
        self.scenarioPnL = scenarioPnL
        self.basis = basis
    }

    /// The same cut at another place in a catalog.
    package func moved(to channel: Int) -> ChannelCut {
        ChannelCut(
            channel: channel, name: self.name, sequence: self.sequence, cutNanoseconds: self.cutNanoseconds,
            newestNanoseconds: self.newestNanoseconds, oldestNanoseconds: self.oldestNanoseconds, state: self.state,
            past: self.past, carriesChecksum: self.carriesChecksum, scenarioPnL: self.scenarioPnL)
    }

    /// The state at an earlier sequence, while it is still kept.
    public func state(at sequence: UInt64) -> ChannelState? {
        // The newest are asked for most.
        self.past.last { $0.sequence == sequence }?.state
    }

    /// The envelope of a frame to this cut.
    public func head(base: UInt64?, resumed: Bool = false) -> FrameHead {
        FrameHead(
            channel: self.name, sequence: self.sequence, base: base, cutNanoseconds: self.cutNanoseconds,
            newestNanoseconds: self.newestNanoseconds, oldestNanoseconds: self.oldestNanoseconds, resumed: resumed)
    }
}

/// Who takes cuts.
public protocol CutSink: Sendable {
    /// Called with the channels cut since the last call, each at most once, by the one thread that publishes them; must
    /// not wait.
    func publish(_ cuts: [ChannelCut])
    /// Whether anyone listens to the channel; past states are kept for those who do.
    func isWanted(channel: Int) -> Bool
}

/// Where the newest cuts are.
public protocol CutSource: Sendable {
    /// `nil` before the channel's first.
    func newestCut(channel: Int) -> ChannelCut?
}
