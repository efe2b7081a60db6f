// SPDX-License-Identifier: Apache-2.0
// What one client has of one channel, and what it gets next. Pure: time comes in.

/// Whether to send now.
package enum SendDecision: Equatable {
    /// From this sequence; `nil` asks for a snapshot.
    case send(base: UInt64?)
    /// Nothing to do: it has the newest, or its rate says later.
    case wait
    /// It is behind and cannot write; it is resynchronised from the newest state when it can.
    case skip
}

package struct Subscription {
    /// Sequence of the last frame this client got; `nil` before the first.
    package private(set) var sequence: UInt64?
    private(set) var lastFrameNanoseconds: UInt64
    private var earliestFrameNanoseconds: UInt64 = 0
    private let aheadUntilNanoseconds: UInt64

    /// - Parameters:
    ///   - resumedAt: what a returning client says it has.
    ///   - patienceNanoseconds: how long it may be ahead of us, where others give the same frames: it was somewhere a
    ///     newer one had come to. It gets nothing older meanwhile.
    package init(resumedAt sequence: UInt64?, patienceNanoseconds: UInt64 = 0, nowNanoseconds: UInt64) {
        self.sequence = sequence
        self.aheadUntilNanoseconds = nowNanoseconds + patienceNanoseconds
        self.lastFrameNanoseconds = nowNanoseconds
    }

    /// - Parameter newest: sequence of the channel's newest cut.
    package func decision(newest: UInt64, isWritable: Bool, nowNanoseconds: UInt64) -> SendDecision {
        if self.sequence == newest || nowNanoseconds < self.earliestFrameNanoseconds { return .wait }
        if let sequence, sequence > newest, nowNanoseconds < self.aheadUntilNanoseconds { return .wait }
        return isWritable ? .send(base: self.sequence) : .skip
    }

    /// - Parameter intervalNanoseconds: least time to the next frame, by the client's rate; 0 for every cut.
    package mutating func sent(_ sequence: UInt64, nowNanoseconds: UInt64, intervalNanoseconds: UInt64) {
        self.sequence = sequence
        self.lastFrameNanoseconds = nowNanoseconds
        self.earliestFrameNanoseconds = nowNanoseconds + intervalNanoseconds
    }

    /// The sequence to tell when the channel was quiet for a second; counts as a frame.
    package mutating func heartbeat(nowNanoseconds: UInt64) -> UInt64? {
        guard let sequence, nowNanoseconds >= self.lastFrameNanoseconds + Self.heartbeatNanoseconds else { return nil }
        self.lastFrameNanoseconds = nowNanoseconds
        return sequence
    }

    static let heartbeatNanoseconds: UInt64 = 1_000_000_000
}
