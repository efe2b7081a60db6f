// SPDX-License-Identifier: Apache-2.0
// One channel on the thread that publishes it: its sequence, its recent states.

import FrameCodec
import RiskKernel

/// When a state was cut, and how old what it tells is.
struct CutStamps: Sendable {
    var cutNanoseconds: UInt64
    var newestNanoseconds: UInt64?
    var oldestNanoseconds: UInt64?
}

package struct PublishedChannel: Sendable {
    /// States kept for deltas to clients that are behind or come back: some seconds at 10 Hz.
    private static let pastLimit = 64
    /// How long after its last listener a channel keeps them.
    private static let wantedForNanoseconds: UInt64 = 30_000_000_000
    private static let checksumIntervalNanoseconds: UInt64 = 1_000_000_000

    package let index: Int
    package let name: String
    private var sequence: UInt64
    private var past: [PastState] = []
    private var wantedUntilNanoseconds: UInt64 = 0
    private var checksumDueNanoseconds: UInt64 = 0

    /// - Parameter floor: sequences are above it.
    package init(index: Int, name: String, floor: UInt64 = 0) {
        self.index = index
        self.name = name
        self.sequence = floor
    }

    /// The next cut, or `nil` when nothing a reader could see has changed.
    ///
    /// - Parameters:
    ///   - scenarioPnL: called only for a cut.
    ///   - basis: of the firm's own cuts.
    ///   - isWanted: whether anyone listens.
    mutating func cut(
        _ state: ChannelState, stamps: CutStamps, scenarioPnL: () -> [Double], basis: FirmBasis? = nil,
        isWanted: Bool, nowNanoseconds: UInt64
    ) -> ChannelCut? {
        if let newest = self.past.last?.state {
            if !state.differs(from: newest) { return nil }
            // No delta leads from one layout to another: every reader gets a snapshot.
            if newest.layout != state.layout { self.past = [] }
        }
        self.sequence += 1
        if isWanted { self.wantedUntilNanoseconds = nowNanoseconds + Self.wantedForNanoseconds }
        let carriesChecksum = nowNanoseconds >= self.checksumDueNanoseconds
        if carriesChecksum { self.checksumDueNanoseconds = nowNanoseconds + Self.checksumIntervalNanoseconds }
        let cut = ChannelCut(
            channel: self.index, name: self.name, sequence: self.sequence, cutNanoseconds: stamps.cutNanoseconds,
            newestNanoseconds: stamps.newestNanoseconds, oldestNanoseconds: stamps.oldestNanoseconds, state: state,
            past: self.past, carriesChecksum: carriesChecksum, scenarioPnL: scenarioPnL(),
            basis: basis)
        self.remember(PastState(sequence: self.sequence, state: state), nowNanoseconds: nowNanoseconds)
        return cut
    }

    private mutating func remember(_ state: PastState, nowNanoseconds: UInt64) {
        let limit = nowNanoseconds < self.wantedUntilNanoseconds ? Self.pastLimit : 1
        if self.past.count >= limit { self.past.removeFirst(self.past.count - limit + 1) }
        self.past.append(state)
    }
}
