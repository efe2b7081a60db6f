// SPDX-License-Identifier: Apache-2.0
// When a silent process is ended, and what counts as silence.

import Glibc
import Operations
import Testing

struct LivenessWatchTests {
    private static let second: UInt64 = 1_000_000_000

    /// Looks once a second; returns what was sent, by the second.
    private static func looks(_ said: [String], limit: UInt64) -> [Int: Int32] {
        var watch = LivenessWatch(limitNanoseconds: limit * self.second)
        var sent: [Int: Int32] = [:]
        for (time, text) in said.enumerated() {
            sent[time] = watch.signal(after: text.split(separator: " "), atNanoseconds: UInt64(time) * self.second)
        }
        return sent
    }

    @Test func whoIsSilentForTooLongAbortsAndIsKilledTwoSecondsLater() {
        let silence = [String](repeating: "", count: 9)
        #expect(Self.looks(["READY=1"] + silence, limit: 4) == [4: SIGABRT, 6: SIGKILL])
    }

    @Test func whoGivesSignsInTimeIsLeftAlone() {
        let said = ["STATUS=x READY=1", "", "", "WATCHDOG=1", "", "STATUS=y", "READY=1 WATCHDOG=1", "", ""]
        #expect(Self.looks(said, limit: 4).isEmpty)
        // Words of another kind are none.
        #expect(Self.looks(["READY=1", "STATUS=1", "WATCHDOG=0", "WATCHDOG=10", ""], limit: 4) == [4: SIGABRT])
    }

    @Test func beforeItIsReadyItMayTakeItsTime() {
        #expect(Self.looks([String](repeating: "", count: 99), limit: 4).isEmpty)
        #expect(Self.looks([String](repeating: "WATCHDOG=1", count: 99), limit: 4).isEmpty)
    }

    @Test func aWatcherThatStoodStillBlamesNobody() {
        var watch = LivenessWatch(limitNanoseconds: 4 * Self.second)
        #expect(watch.signal(after: ["READY=1"], atNanoseconds: Self.second) == nil)
        #expect(watch.signal(after: [], atNanoseconds: 1_000 * Self.second) == nil)
        // Nor does a clock that is behind.
        #expect(watch.signal(after: [], atNanoseconds: 0) == nil)
        #expect(watch.signal(after: ["WATCHDOG=1"], atNanoseconds: 1_000 * Self.second) == nil)
    }

    @Test func aSignThatComesAfterTheSignalSavesNobody() {
        let said = ["READY=1", "", "", "WATCHDOG=1", ""]
        #expect(Self.looks(said, limit: 2) == [2: SIGABRT, 4: SIGKILL])
    }
}
