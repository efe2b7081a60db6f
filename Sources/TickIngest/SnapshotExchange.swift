// SPDX-License-Identifier: Apache-2.0
// When a snapshot is asked for, and when an answer is good, bad or too late.

/// One feed's questions for snapshots, without socket or clock: at most one is open, at most one a second is asked, and
/// the less comes of it the rarer they get.
///
/// ```
///            want                  step, when it is time             last message, all sound
/// nothing ─────────► wanted(when) ───────────────────────► asked ───────────────────────────► nothing
///                        ▲                                   │
///                        └───────────────────────────────────┘ deadline, or a message that is of no use
/// ```
package struct SnapshotExchange {
    package enum Action: Equatable {
        case nothing
        /// Open a question; what is left of the one before is void.
        case ask
        /// Drop the question: no complete and sound answer came of it.
        case giveUp
        /// Drop the question: it is answered.
        case finish
    }

    /// What a message of an answer was.
    package enum Part: Equatable {
        /// Used; `isLast` when the publisher says that it is the last one.
        case used(isLast: Bool)
        /// Of another epoch, or older than what was missed.
        case ignored(isLast: Bool)
        /// Not a message of a snapshot.
        case refused
    }

    private enum State {
        case nothing
        case wanted(notBefore: UInt64)
        case asked(deadline: UInt64, isBegun: Bool)
    }

    private static let spacingNanoseconds: UInt64 = 1_000_000_000
    private static let shortestWaitNanoseconds: UInt64 = 3_000_000_000
    private static let longestWaitNanoseconds: UInt64 = 30_000_000_000

    private var state = State.nothing
    /// Questions in a row that led to nothing.
    private var failures = 0
    private var nextQuestionNanoseconds: UInt64 = 0

    package init() {}

    /// Messages have been missed: at first contact all there were, at a gap or restart those in it.
    package mutating func want(nowNanoseconds: UInt64) {
        switch self.state {
        case .nothing: self.state = .wanted(notBefore: max(nowNanoseconds, self.nextQuestionNanoseconds))
        case .wanted: break
        case .asked(let deadline, let isBegun):
            // What came of the answer is from before the gap; an answer still to come may be from after it.
            if isBegun { self.state = .asked(deadline: min(deadline, nowNanoseconds), isBegun: true) }
        }
    }

    /// What the time asks for.
    package mutating func step(nowNanoseconds: UInt64) -> Action {
        switch self.state {
        case .nothing: return .nothing
        case .wanted(let notBefore):
            guard nowNanoseconds >= notBefore else { return .nothing }
            let pause = min(Self.spacingNanoseconds << UInt64(min(self.failures, 8)), Self.longestWaitNanoseconds)
            self.nextQuestionNanoseconds = nowNanoseconds + pause
            let wait = max(pause, Self.shortestWaitNanoseconds)
            self.state = .asked(deadline: nowNanoseconds + wait, isBegun: false)
            return .ask
        case .asked(let deadline, _):
            guard nowNanoseconds >= deadline else { return .nothing }
            return self.fail(nowNanoseconds: nowNanoseconds)
        }
    }

    /// A message of the answer came.
    package mutating func take(_ part: Part, nowNanoseconds: UInt64) -> Action {
        guard case .asked(let deadline, _) = self.state else { return .nothing }
        switch part {
        case .used(isLast: true):
            self.state = .nothing
            self.failures = 0
            return .finish
        case .used(isLast: false):
            self.state = .asked(deadline: deadline, isBegun: true)
            return .nothing
        case .ignored, .refused: return self.fail(nowNanoseconds: nowNanoseconds)
        }
    }

    private mutating func fail(nowNanoseconds: UInt64) -> Action {
        self.failures += 1
        self.state = .wanted(notBefore: max(nowNanoseconds, self.nextQuestionNanoseconds))
        return .giveUp
    }
}
