// SPDX-License-Identifier: Apache-2.0
// Whether a process still gives the signs of life that it is asked for.

import Glibc

/// Pure. Counts from the process's `READY=1` on, by its `WATCHDOG=1`, as systemd does.
///
/// Between two looks one second counts at most: a watcher that stood still itself, or a machine that slept, blames
/// nobody.
public struct LivenessWatch: Sendable {
    private static let stepMax: UInt64 = 1_000_000_000
    /// For a core, and a word in the log.
    private static let abortNanoseconds: UInt64 = 2_000_000_000

    private let limitNanoseconds: UInt64
    private var isReady = false
    private var lookedNanoseconds: UInt64?
    private var silentNanoseconds: UInt64 = 0
    private var sent: Int32?

    /// - Parameter limitNanoseconds: longest silence.
    public init(limitNanoseconds: UInt64) { self.limitNanoseconds = limitNanoseconds }

    /// What the process said since the last look, in the assignments of sd_notify(3), and what it is to be told.
    ///
    /// - Parameter now: monotonic.
    /// - Returns: SIGABRT where it was silent for too long, SIGKILL where it is there two seconds later; each once.
    public mutating func signal(after said: some Sequence<Substring>, atNanoseconds now: UInt64) -> Int32? {
        let passed = now - min(self.lookedNanoseconds ?? now, now)
        self.lookedNanoseconds = now
        self.silentNanoseconds += min(passed, Self.stepMax)
        for assignment in said {
            if assignment == "READY=1" { self.isReady = true }
            guard assignment == "READY=1" || assignment == "WATCHDOG=1", self.sent == nil else { continue }
            self.silentNanoseconds = 0
        }
        guard self.isReady, let due = self.due, due != self.sent else { return nil }
        self.sent = due
        return due
    }

    private var due: Int32? {
        guard self.silentNanoseconds >= self.limitNanoseconds else { return nil }
        return self.silentNanoseconds - self.limitNanoseconds >= Self.abortNanoseconds ? SIGKILL : SIGABRT
    }
}
