// SPDX-License-Identifier: Apache-2.0
// The sliding minute: by hand, and against a list of all that was ever admitted.

import RiskSimulation
import Testing
import TradeDesk

@Suite struct RateLimitTests {
    static let second: UInt64 = 1_000_000_000
    static let start: UInt64 = 1_700_000_000 * second

    @Test func sixtyFirstOrderWithinAMinuteIsDenied() {
        var limit = RateLimit()
        for index in 0..<60 {
            let now = Self.start + UInt64(index) * Self.second / 2
            let decision = limit.admit(account: "ALPHA", user: "ann", nowNanoseconds: now)
            #expect(decision == .allowed(remaining: 59 - index, resetSeconds: 60 - index / 2))
        }
        let now = Self.start + 30 * Self.second
        #expect(
            limit.admit(account: "ALPHA", user: "ann", nowNanoseconds: now) == .denied(limit: 60, retryAfterSeconds: 30)
        )
        #expect(
            limit.admit(account: "ALPHA", user: "ann", nowNanoseconds: now + 1)
                == .denied(limit: 60, retryAfterSeconds: 30))
        #expect(
            limit.admit(account: "BETA", user: "ann", nowNanoseconds: now) == .allowed(remaining: 59, resetSeconds: 60))
        #expect(
            limit.admit(account: "ALPHA", user: "bob", nowNanoseconds: now) == .allowed(remaining: 59, resetSeconds: 60)
        )
        let free = Self.start + 60 * Self.second
        #expect(
            limit.admit(account: "ALPHA", user: "ann", nowNanoseconds: free - 1)
                == .denied(limit: 60, retryAfterSeconds: 1))
        #expect(
            limit.admit(account: "ALPHA", user: "ann", nowNanoseconds: free) == .allowed(remaining: 0, resetSeconds: 1))
    }

    @Test func cancelsAndRepeatsPassAndDoNotCount() {
        var limit = RateLimit(limit: 1)
        #expect(
            limit.admit(.cancel, account: "A", user: "u", nowNanoseconds: Self.start)
                == .allowed(remaining: 1, resetSeconds: 0))
        #expect(
            limit.admit(account: "A", user: "u", nowNanoseconds: Self.start) == .allowed(remaining: 0, resetSeconds: 60)
        )
        for kind in [RateKind.cancel, .repeated] {
            #expect(
                limit.admit(kind, account: "A", user: "u", nowNanoseconds: Self.start)
                    == .allowed(remaining: 0, resetSeconds: 60))
        }
        #expect(
            limit.admit(account: "A", user: "u", nowNanoseconds: Self.start) == .denied(limit: 1, retryAfterSeconds: 60)
        )
    }

    @Test func clockThatStepsBackFreesNothing() {
        var limit = RateLimit(limit: 1)
        _ = limit.admit(account: "A", user: "u", nowNanoseconds: Self.start)
        #expect(limit.admit(account: "A", user: "u", nowNanoseconds: 0) == .denied(limit: 1, retryAfterSeconds: 60))
        #expect(limit.entries(nowNanoseconds: 0).count == 1)
        limit.sweep(nowNanoseconds: Self.start + 60 * Self.second)
        #expect(limit.entries(nowNanoseconds: 0).isEmpty)
    }

    /// A limit of nothing admits nothing; the model counts every admission of the last window anew, across restarts.
    @Test(arguments: UInt64(1)...50)
    func decisionsAreThoseOfTheWholeHistory(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let most = random.nextIndex(below: 6)
        var limit = RateLimit(limit: most, windowNanoseconds: 1_000)
        var admitted: [String: [UInt64]] = [:]
        var now: UInt64 = 5_000
        for step in 0..<500 {
            now += UInt64(random.nextIndex(below: 300))
            let user = ["ann", "bob"][random.nextIndex(below: 2)]
            let within = (admitted[user] ?? []).filter { now - $0 < 1_000 }.count
            let decision = limit.admit(account: "A", user: user, nowNanoseconds: now)
            if within < most { admitted[user, default: []].append(now) }
            var isAllowed = false
            if case .allowed(let remaining, _) = decision { isAllowed = remaining == most - within - 1 }
            #expect(isAllowed == (within < most), "seed \(seed) step \(step)")
            if random.nextIndex(below: 10) == 0 {
                limit = RateLimit(
                    limit: most, windowNanoseconds: 1_000, restoring: limit.entries(nowNanoseconds: now))
            }
        }
    }
}
