// SPDX-License-Identifier: Apache-2.0
// The engine thread: drain, cut, sleep until there is work or something is due.

import Operations
import RiskKernel
import Synchronization

/// Runs an engine on a thread of its own, `tr-engine`, with a crew where the engine has shards.
///
/// Ownership: the only caller of the engine's drain and cut (docs/ownership.md, "quotes, positions …").
public final class EngineThread: Sendable {
    /// Records taken from each ring before the engine looks at what is due.
    private static let batchLimit = 8192
    /// Longest sleep, so that a stop is seen even if its wake went missing.
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000

    private struct Handover {
        /// The engine to begin with.
        var first: EngineHandle?
        /// The engine to run next.
        var offered: EngineHandle?
        /// The one it replaced, kept so that it is not freed on the engine thread.
        var retired: EngineHandle?
        var whenAdopted: @Sendable () -> Void = {}
    }

    private let handover: Mutex<Handover>
    private let isOffered = Atomic(false)
    private let dayRoll: DayRoll
    private let parker: Parker
    private let onDayRoll: @Sendable () -> Void
    private let onCut: @Sendable () -> Void
    private let thread = RoleThread(name: "tr-engine")
    private let crew: EngineCrew?

    /// Ticks and batch headers taken from the rings.
    public let recordCount = Atomic<UInt64>(0)
    /// Channels cut.
    public let cutCount = Atomic<UInt64>(0)
    /// Of turns that cut something, the cuts.
    public let cutDurations = DurationHistogram()
    /// Turns of the loop: it moves while the engine lives.
    public let turnCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - engine: those that follow it have as many shards.
    ///   - dayRoll: when prices become prior closes.
    ///   - parker: woken by the ingest threads after each batch.
    ///   - onDayRoll: called on the engine thread after a trading day ended; must not wait.
    ///   - onCut: called on the engine thread after a turn that cut something; must not wait.
    public init(
        engine: EngineHandle, dayRoll: DayRoll, parker: Parker, onDayRoll: @escaping @Sendable () -> Void = {},
        onCut: @escaping @Sendable () -> Void
    ) throws(EngineError) {
        self.crew = engine.shards > 1 ? EngineCrew(size: engine.shards) : nil
        guard engine.shards == 1 || self.crew != nil else { throw .outOfMemory }
        self.handover = Mutex(Handover(first: engine))
        self.dayRoll = dayRoll
        self.parker = parker
        self.onDayRoll = onDayRoll
        self.onCut = onCut
    }

    public func start() {
        self.crew?.start()
        self.thread.start { self.run() }
    }

    /// Ends the threads and waits for them.
    public func stop() {
        self.thread.stop(waking: self.parker.wake)
        self.crew?.stop()
    }

    /// There is work in a ring; callable from any thread, does not wait.
    public func wake() { self.parker.wake() }

    /// Hands over an engine that goes on where the one that runs stops: at the next turn, without a wait on that
    /// thread. One at a time.
    ///
    /// - Parameters:
    ///   - engine: with the same accounts, conventions and rings; with other instruments only where the one that runs
    ///     is not translating.
    ///   - whenAdopted: called on the engine thread; must not wait.
    public func offer(_ engine: EngineHandle, whenAdopted: @escaping @Sendable () -> Void) {
        precondition(!self.isTakingOver, "one engine at a time")
        self.handover.withLock { handover in
            handover.offered = engine
            handover.whenAdopted = whenAdopted
        }
        self.isOffered.store(true, ordering: .releasing)
        self.parker.wake()
    }

    /// Whether an offered engine has not taken over yet. Once it has, the one before cuts no more.
    public var isTakingOver: Bool { self.isOffered.load(ordering: .acquiring) }

    /// Lets go of the engine that was replaced; it is freed here unless somebody still reads its views.
    public func dropRetired() {
        let retired = self.handover.withLock { $0.retired.take() }
        withExtendedLifetime(retired) {}
    }

    private func takeOver(_ engine: inout EngineHandle) {
        // The lock is held by nobody but who offers, and that before the flag; should it be, the next turn tries again.
        let whenAdopted = self.handover.withLockIfAvailable { handover -> @Sendable () -> Void in
            guard let next = handover.offered.take() else { return {} }
            next.adopt(engine)
            handover.retired = engine
            engine = next
            return handover.whenAdopted
        }
        guard let whenAdopted else { return }
        self.isOffered.store(false, ordering: .releasing)
        whenAdopted()
    }

    private func run() {
        guard var engine = self.handover.withLock({ $0.first.take() }) else { return }
        var rollNanoseconds = self.dayRoll.next(after: WallClock.nowNanoseconds)
        while !self.thread.isStopping {
            if self.isTakingOver { self.takeOver(&engine) }
            let now = WallClock.nowNanoseconds
            if now >= rollNanoseconds {
                engine.rollDay()
                self.onDayRoll()
                // From the roll, not from now: a clock set back does not end the same day twice.
                rollNanoseconds = self.dayRoll.next(after: max(now, rollNanoseconds))
            }
            let drained = engine.drain(limit: Self.batchLimit)
            let before = MonotonicClock.nowNanoseconds
            let cuts = engine.cut(crew: self.crew)
            if cuts > 0 {
                self.cutDurations.observe(from: before, to: MonotonicClock.nowNanoseconds)
                self.onCut()
            }
            self.recordCount.wrappingAdd(UInt64(drained), ordering: .relaxed)
            self.cutCount.wrappingAdd(UInt64(cuts), ordering: .relaxed)
            self.turnCount.wrappingAdd(1, ordering: .relaxed)
            if drained == 0 && cuts == 0 { self.sleep(engine) }
        }
    }

    private func sleep(_ engine: EngineHandle) {
        let now = MonotonicClock.nowNanoseconds
        let deadline = engine.nextDeadlineNanoseconds
        guard deadline > now else { return }
        self.parker.sleep(timeoutNanoseconds: min(deadline - now, Self.sleepLimitNanoseconds)) {
            engine.hasInput || self.isTakingOver || self.thread.isStopping
        }
    }
}
