// SPDX-License-Identifier: Apache-2.0
// Stamps where the system's clock is set back: they never go back, never stand still, and come to the clock again.

import DeskService
import Testing

struct SteadyTimeTests {
    private static let second: UInt64 = 1_000_000_000
    private static let hour = 3_600 * Self.second

    @Test func withoutAStepItIsTheWallClock() {
        var time = SteadyTime()
        for number in UInt64(1)...10 {
            let wall = 1_000 * Self.hour + number * Self.second
            #expect(time.time(wallNanoseconds: wall, monotonicNanoseconds: number * Self.second) == wall)
        }
    }

    @Test func anHourBackGoesOnAtHalfThePaceUntilTheWallClockIsThere() {
        var time = SteadyTime()
        var wall = 1_000 * Self.hour
        var monotonic = Self.second
        let first = time.time(wallNanoseconds: wall, monotonicNanoseconds: monotonic)
        wall -= Self.hour
        var last = first
        for minute in 1...119 {
            monotonic += 60 * Self.second
            wall += 60 * Self.second
            let now = time.time(wallNanoseconds: wall, monotonicNanoseconds: monotonic)
            #expect(now == last + 30 * Self.second, "minute \(minute)")
            last = now
        }
        monotonic += 120 * Self.second
        wall += 120 * Self.second
        #expect(time.time(wallNanoseconds: wall, monotonicNanoseconds: monotonic) == wall)
    }

    @Test func itBeginsNoEarlierThanWhatWasStampedBefore() {
        var time = SteadyTime(latestNanoseconds: 2 * Self.hour)
        #expect(time.time(wallNanoseconds: Self.hour, monotonicNanoseconds: Self.second) == 2 * Self.hour)
        #expect(
            time.time(wallNanoseconds: Self.hour, monotonicNanoseconds: 3 * Self.second)
                == 2 * Self.hour + Self.second)
    }
}
