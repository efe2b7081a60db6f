// SPDX-License-Identifier: Apache-2.0
// A clock that is set is noticed once; one that drifts is not.

import Operations
import Testing

struct ClockWatchTests {
    private static let second: UInt64 = 1_000_000_000
    private static let hour = 3_600 * Self.second

    @Test func aStepIsSeenOnceWithItsDirectionAndSize() {
        var watch = ClockWatch()
        var (wall, monotonic) = (1_700_000_000 * Self.second, 77 * Self.second)
        func look(after wallSeconds: Double) -> Int64? {
            monotonic += Self.second
            wall = UInt64(Double(wall) + wallSeconds * 1e9)
            return watch.look(wallNanoseconds: wall, monotonicNanoseconds: monotonic)
        }
        #expect(look(after: 1) == nil)
        #expect(look(after: 1) == nil)
        #expect(look(after: 3_601).map { ($0 + 500_000) / 1_000_000_000 } == 3_600)
        #expect(look(after: 1) == nil)
        #expect(look(after: -3_599).map { ($0 - 500_000) / 1_000_000_000 } == -3_600)
        #expect(look(after: 1) == nil)
    }

    @Test func driftIsNoStep() {
        var watch = ClockWatch()
        for number in UInt64(0)...100 {
            let slow = number * (Self.second - 900_000)
            #expect(
                watch.look(wallNanoseconds: Self.hour + slow, monotonicNanoseconds: number * Self.second) == nil)
        }
    }
}
