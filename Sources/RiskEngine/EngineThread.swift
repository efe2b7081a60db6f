// SPDX-License-Identifier: Apache-2.0
// The engine thread: drain, cut, sleep until there is work or something is due.

import RiskKernel
import Synchronization

/// Runs an engine on a thread of its own, `tr-engine`.
///
/// Ownership: the only caller of the engine's drain and cut (docs/ownership.md, "quotes, positions …").
public final class EngineThread: Sendable {
    /// Records taken from each ring before the engine looks at what is due.
    private static let batchLimit = 8192
    /// Longest sleep, so that a stop is seen even if its wake went missing.
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000

    private let engine: EngineHandle
    private let dayRoll: DayRoll
    private let parker: Parker
    private let onCut: @Sendable () -> Void
    private let thread = RoleThread(name: "tr-engine")

    /// Ticks and batch headers taken from the rings.
    public let recordCount = Atomic<UInt64>(0)
    /// Channels cut.
    public let cutCount = Atomic<UInt64>(0)
    /// Turns of the loop: it moves while the engine lives.
    public let turnCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - dayRoll: when prices become prior closes.
    ///   - parker: woken by the ingest threads after each batch.
    ///   - onCut: called on the engine thread after a turn that cut something; must not wait.
    public init(
        engine: EngineHandle, dayRoll: DayRoll, parker: Parker, onCut: @escaping @Sendable () -> Void
    ) {
        self.engine = engine
        self.dayRoll = dayRoll
        self.parker = parker
        self.onCut = onCut
    }

    public func start() { self.thread.start { self.run() } }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.parker.wake) }

    private func run() {
        var rollNanoseconds = self.dayRoll.next(after: WallClock.nowNanoseconds)
        while !self.thread.isStopping {
            let now = WallClock.nowNanoseconds
            if now >= rollNanoseconds {
                self.engine.rollDay()
                // From the roll, not from now: a clock set back does not end the same day twice.
                rollNanoseconds = self.dayRoll.next(after: max(now, rollNanoseconds))
            }
            let drained = self.engine.drain(limit: Self.batchLimit)
            let cuts = self.engine.cut()
            if cuts > 0 { self.onCut() }
            self.recordCount.wrappingAdd(UInt64(drained), ordering: .relaxed)
            self.cutCount.wrappingAdd(UInt64(cuts), ordering: .relaxed)
            self.turnCount.wrappingAdd(1, ordering: .relaxed)
            if drained == 0 && cuts == 0 { self.sleep() }
        }
    }

    private func sleep() {
        let now = MonotonicClock.nowNanoseconds
        let deadline = self.engine.nextDeadlineNanoseconds
        guard deadline > now else { return }
        self.parker.sleep(timeoutNanoseconds: min(deadline - now, Self.sleepLimitNanoseconds)) {
            self.engine.hasInput || self.thread.isStopping
        }
    }
}
