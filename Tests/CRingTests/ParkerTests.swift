// SPDX-License-Identifier: Apache-2.0
// The parker on one thread: a wake in time is kept, a timeout ends the sleep.
import CPlatform
import CRing
import Testing

@Suite struct ParkerTests {
    /// Far beyond what a test may last: a wait that honours it has lost its wake.
    private static let foreverNanoseconds = UInt64.max
    private static let shortNanoseconds: UInt64 = 2_000_000

    private static func nanoseconds(of wait: () -> Void) -> UInt64 {
        let begin = tr_clock_monotonic_ns()
        wait()
        return tr_clock_monotonic_ns() - begin
    }

    @Test(.timeLimit(.minutes(1)))
    func aWakeBetweenPrepareAndWaitMakesTheWaitReturnAtOnce() throws {
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        for _ in 0..<100 {
            tr_parker_prepare(parker)
            tr_parker_wake(parker)
            tr_parker_wait(parker, Self.foreverNanoseconds)
        }
    }

    @Test func aWaitThatNobodyWakesLastsItsTimeout() throws {
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        tr_parker_prepare(parker)
        let waited = Self.nanoseconds { tr_parker_wait(parker, Self.shortNanoseconds) }
        #expect(waited >= Self.shortNanoseconds)
    }

    @Test func aWakeBeforeThePrepareIsNotKept() throws {
        // The look for work between prepare and wait is what catches it; the parker itself remembers nothing.
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        tr_parker_wake(parker)
        tr_parker_prepare(parker)
        let waited = Self.nanoseconds { tr_parker_wait(parker, Self.shortNanoseconds) }
        #expect(waited >= Self.shortNanoseconds)
    }

    @Test func oneWakeEndsOneSleepOnly() throws {
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        tr_parker_prepare(parker)
        tr_parker_wake(parker)
        tr_parker_wake(parker)
        tr_parker_wait(parker, Self.foreverNanoseconds)
        tr_parker_prepare(parker)
        let waited = Self.nanoseconds { tr_parker_wait(parker, Self.shortNanoseconds) }
        #expect(waited >= Self.shortNanoseconds)
    }

    @Test(.timeLimit(.minutes(1)))
    func waitingWithoutPrepareOrAfterCancelReturnsAtOnce() throws {
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        tr_parker_wait(parker, Self.foreverNanoseconds)
        tr_parker_prepare(parker)
        tr_parker_cancel(parker)
        tr_parker_wait(parker, Self.foreverNanoseconds)
    }

    @Test(.timeLimit(.minutes(1)))
    func aTimeoutOfZeroReturnsAtOnce() throws {
        let parker = try #require(tr_parker_create())
        defer { tr_parker_destroy(parker) }
        tr_parker_prepare(parker)
        tr_parker_wait(parker, 0)
    }
}
