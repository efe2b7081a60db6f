// SPDX-License-Identifier: Apache-2.0
// What a reason takes away: a part, readiness, or neither.

import Operations
import Testing

struct ReadinessTests {
    @Test func withoutReasonsEverythingIsAsItShouldBe() {
        let readiness = Readiness()
        #expect(readiness.isReady && readiness.missing.isEmpty)
        #expect(Readiness.Part.allCases.allSatisfy { readiness.state(of: $0) == .ok })
    }

    @Test func onlyWhatUnreadiesIsMissing() {
        var readiness = Readiness()
        readiness.add(.feed, .warns, "the feed b is not up")
        readiness.add(.orders, .stops, "the house is halted")
        #expect(readiness.isReady && readiness.missing.isEmpty)
        #expect(readiness.state(of: .feed) == .warn && readiness.state(of: .orders) == .down)
        #expect(readiness.state(of: .risk) == .ok && readiness.state(of: .store) == .ok)
        readiness.add(.feed, .unreadies, "no feed is up")
        readiness.add(.risk, .unreadies, "no book valued yet")
        #expect(!readiness.isReady && readiness.missing == ["no feed is up", "no book valued yet"])
        #expect(readiness.state(of: .feed) == .down)
        #expect(readiness.texts(of: .feed) == ["the feed b is not up", "no feed is up"])
    }
}
