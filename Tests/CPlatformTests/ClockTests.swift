// SPDX-License-Identifier: Apache-2.0
// The clocks tell nanoseconds, and the monotonic one does not go back.
import CPlatform
import Testing

@Suite struct ClockTests {
    @Test func theMonotonicClockDoesNotGoBack() {
        var previousNanoseconds = tr_clock_monotonic_ns()
        for _ in 0..<10_000 {
            let nowNanoseconds = tr_clock_monotonic_ns()
            #expect(nowNanoseconds >= previousNanoseconds)
            previousNanoseconds = nowNanoseconds
        }
    }

    @Test func theMonotonicClockCountsTheNanosecondsOfTheContinuousClock() {
        // The language's suspending clock is CLOCK_MONOTONIC on Linux; what it measures outside must enclose ours.
        let clock = SuspendingClock()
        let outer = clock.now
        let begin = tr_clock_monotonic_ns()
        var end = begin
        while end < begin + 1_000_000 { end = tr_clock_monotonic_ns() }
        #expect(clock.now - outer >= .nanoseconds(end - begin))
    }

    @Test func theRealtimeClockTellsADateOfThisCentury() {
        let nanosecondsADay: UInt64 = 86_400_000_000_000
        let days = tr_clock_realtime_ns() / nanosecondsADay
        // 2024-01-01 and 2100-01-01 as days since 1970.
        #expect((19_723..<47_482).contains(days))
    }
}
