// SPDX-License-Identifier: Apache-2.0
// One channel on the publisher thread: its sequence, its recent states.

import FrameCodec
import RiskKernel

package struct PublishedChannel: Sendable {
    /// States kept for deltas to clients that are behind or come back: some seconds at 10 Hz.
    private static let pastLimit = 64
    /// How long after its last listener a channel keeps them.
    private static let wantedForNanoseconds: UInt64 = 30_000_000_000
    private static let checksumIntervalNanoseconds: UInt64 = 1_000_000_000

    package let index: Int
    package let name: String
    package let port: EngineViewPort
    private let builder: any StateBuilder
    private var sequence: UInt64 = 0
    private var past: [PastState] = []
    private var wantedUntilNanoseconds: UInt64 = 0
    private var checksumDueNanoseconds: UInt64 = 0

    package init(index: Int, name: String, port: EngineViewPort, builder: any StateBuilder) {
        self.index = index
        self.name = name
        self.port = port
        self.builder = builder
    }

    /// The next cut, or `nil` when nothing a reader could see has changed.
    package mutating func cut(from view: EngineView, isWanted: Bool, nowNanoseconds: UInt64) -> ChannelCut? {
        let state = self.builder.state(from: view)
        if let newest = self.past.last?.state, !state.differs(from: newest) { return nil }
        self.sequence += 1
        if isWanted { self.wantedUntilNanoseconds = nowNanoseconds + Self.wantedForNanoseconds }
        let carriesChecksum = nowNanoseconds >= self.checksumDueNanoseconds
        if carriesChecksum { self.checksumDueNanoseconds = nowNanoseconds + Self.checksumIntervalNanoseconds }
        let cut = ChannelCut(
            channel: self.index, name: self.name, sequence: self.sequence, cutNanoseconds: view.cutNanoseconds,
            newestNanoseconds: view.newestNanoseconds, oldestNanoseconds: view.oldestNanoseconds, state: state,
            past: self.past, carriesChecksum: carriesChecksum, scenarioPnL: self.builder.scenarioPnL(of: view))
        self.remember(PastState(sequence: self.sequence, state: state), nowNanoseconds: nowNanoseconds)
        return cut
    }

    private mutating func remember(_ state: PastState, nowNanoseconds: UInt64) {
        let limit = nowNanoseconds < self.wantedUntilNanoseconds ? Self.pastLimit : 1
        if self.past.count >= limit { self.past.removeFirst(self.past.count - limit + 1) }
        self.past.append(state)
    }
}
