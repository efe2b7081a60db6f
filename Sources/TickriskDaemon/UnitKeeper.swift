// SPDX-License-Identifier: Apache-2.0
// Keeps a unit for each partition an engine has: begun, watched, begun again, and gone before the partition is
// somebody else's.

import Glibc
import Logging
import Operations
import RiskKernel
import Synchronization
import TradeStream

/// Ownership: ``take(_:of:)``, ``give(_:isLost:)`` and ``look()`` are of the member's thread; ``units`` and
/// ``pass(_:)`` of any.
final class UnitKeeper: PartitionKeeper {
    /// A unit as others see it.
    struct Unit: Sendable, Equatable {
        var partition: Int
        /// `nil` while it waits to be begun again.
        var processID: Int32?
        /// When it was begun, or last was, since 1970.
        var begunNanoseconds: UInt64
    }

    /// What a unit that ended shows: how long it lived, and how long it is waited after that.
    struct Patience: Equatable {
        private static let first: UInt64 = 100_000_000
        private static let most: UInt64 = 5_000_000_000
        /// Whoever lived so long was sound.
        private static let sound: UInt64 = 10_000_000_000

        private var next = Patience.first

        /// - Returns: nanoseconds until it is begun again.
        mutating func wait(afterLiving nanoseconds: UInt64) -> UInt64 {
            if nanoseconds >= Self.sound { self.next = Self.first }
            defer { self.next = min(2 * self.next, Self.most) }
            return self.next
        }
    }

    private final class Keeping {
        var child: ChildProcess?
        var begunNanoseconds: UInt64 = 0
        var againNanoseconds: UInt64 = 0
        var patience = Patience()
        var watch: LivenessWatch

        init(_ watch: LivenessWatch) { self.watch = watch }
    }

    /// A unit has four seconds to end by itself.
    private static let endNanoseconds: UInt64 = 5_000_000_000
    private static let lookMicroseconds: UInt32 = 2_000

    private struct State {
        var keepings: [Int: Keeping] = [:]
        var count = 0
    }

    private let watchdogNanoseconds: UInt64
    private let logger: Logger
    /// Held by the member's thread while it works: nobody else takes it.
    private let state = Mutex(State())
    private let shown = Mutex<[Int: Unit]>([:])
    private let restarts = Atomic<UInt64>(0)
    private let hangs = Atomic<UInt64>(0)

    /// - Parameter watchdogNanoseconds: a unit that serves and is silent for so long is ended, and begun again.
    init(watchdogNanoseconds: UInt64, logger: Logger) {
        self.watchdogNanoseconds = watchdogNanoseconds
        self.logger = logger
    }

    /// In order.
    var units: [Unit] { self.shown.withLock { $0.values.sorted { $0.partition < $1.partition } } }

    /// Units that were begun again after they ended by themselves.
    var restartCount: UInt64 { self.restarts.load(ordering: .relaxed) }

    /// Units that stood still and were ended.
    var hangCount: UInt64 { self.hangs.load(ordering: .relaxed) }

    /// A signal for all units.
    func pass(_ signal: Int32) {
        self.shown.withLock { shown in
            for processID in shown.values.compactMap(\.processID) { _ = kill(processID, signal) }
        }
    }

    // MARK: Of the member's thread

    func take(_ partitions: [Int], of count: Int) {
        self.state.withLock { state in
            state.count = count
            for partition in partitions where state.keepings[partition] == nil {
                let keeping = Keeping(self.freshWatch)
                state.keepings[partition] = keeping
                self.begin(partition, keeping, of: count)
            }
        }
    }

    func look() {
        self.state.withLock { state in
            for (partition, keeping) in state.keepings {
                if let end = keeping.child?.reap() { self.ended(partition, keeping, end) }
                if let child = keeping.child { self.watch(partition, keeping, child) }
                if keeping.child == nil, MonotonicClock.nowNanoseconds >= keeping.againNanoseconds {
                    self.restarts.wrappingAdd(1, ordering: .relaxed)
                    self.begin(partition, keeping, of: state.count)
                }
            }
        }
    }

    func give(_ partitions: [Int], isLost: Bool) {
        self.state.withLock { state in
            let going = partitions.compactMap { partition in
                state.keepings.removeValue(forKey: partition).map { (partition, $0) }
            }
            // Somebody else may have what was lost already: nothing is written down in peace any more.
            for (_, keeping) in going { keeping.child?.send(isLost ? SIGKILL : SIGTERM) }
            let deadline = MonotonicClock.nowNanoseconds + Self.endNanoseconds
            var hasKilled = isLost
            while going.contains(where: { $1.child != nil }) {
                for (partition, keeping) in going {
                    guard let end = keeping.child?.reap() else { continue }
                    self.show(partition, keeping, nil)
                    keeping.child = nil
                    self.logger.info("a unit has ended", metadata: ["partition": "\(partition)", "end": "\(end)"])
                }
                if !hasKilled, MonotonicClock.nowNanoseconds >= deadline {
                    hasKilled = true
                    self.logger.warning("units that did not end are killed")
                    for (_, keeping) in going { keeping.child?.send(SIGKILL) }
                }
                usleep(Self.lookMicroseconds)
            }
            self.shown.withLock { shown in for (partition, _) in going { shown[partition] = nil } }
        }
    }

    private var freshWatch: LivenessWatch { LivenessWatch(limitNanoseconds: self.watchdogNanoseconds) }

    /// What hangs would go on being announced, and nobody would take its accounts.
    private func watch(_ partition: Int, _ keeping: Keeping, _ child: ChildProcess) {
        let now = MonotonicClock.nowNanoseconds
        guard let signal = keeping.watch.signal(after: child.said(), atNanoseconds: now) else { return }
        if signal == SIGABRT { self.hangs.wrappingAdd(1, ordering: .relaxed) }
        self.logger.error(
            "a unit stands still and is ended",
            metadata: ["partition": "\(partition)", "pid": "\(child.processID)", "signal": "\(signal)"])
        child.send(signal)
    }

    private func begin(_ partition: Int, _ keeping: Keeping, of count: Int) {
        keeping.begunNanoseconds = MonotonicClock.nowNanoseconds
        keeping.watch = self.freshWatch
        do throws(ChildError) {
            let child = try ChildProcess(
                adding: ["--unit", UnitPlace(partition: partition, count: count).text],
                watchdogNanoseconds: self.watchdogNanoseconds)
            self.show(partition, keeping, child.processID)
            self.logger.info(
                "a unit begins", metadata: ["partition": "\(partition)", "pid": "\(child.processID)"])
            keeping.child = child
        } catch {
            self.logger.error("no unit begins", metadata: ["partition": "\(partition)", "error": "\(error)"])
            self.wait(partition, keeping)
        }
    }

    private func ended(_ partition: Int, _ keeping: Keeping, _ end: ChildEnd) {
        self.logger.error("a unit ended by itself", metadata: ["partition": "\(partition)", "end": "\(end)"])
        self.wait(partition, keeping)
    }

    private func wait(_ partition: Int, _ keeping: Keeping) {
        // Shown as gone before its number may be another process's.
        self.show(partition, keeping, nil)
        keeping.child = nil
        let now = MonotonicClock.nowNanoseconds
        let lived = now - min(now, keeping.begunNanoseconds)
        keeping.againNanoseconds = now + keeping.patience.wait(afterLiving: lived)
    }

    private func show(_ partition: Int, _ keeping: Keeping, _ processID: Int32?) {
        let now = WallClock.nowNanoseconds
        self.shown.withLock { shown in
            let begun = processID == nil ? shown[partition]?.begunNanoseconds ?? now : now
            shown[partition] = Unit(partition: partition, processID: processID, begunNanoseconds: begun)
        }
    }
}
