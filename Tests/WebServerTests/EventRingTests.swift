// SPDX-License-Identifier: Apache-2.0
// Events are replayed whole or not at all.

import Testing
import WebServer

struct EventRingTests {
    private static func ring(of count: Int) -> EventRing {
        var ring = EventRing()
        for number in 0..<count { _ = ring.append(kind: "alert", data: [UInt8(number % 256)]) }
        return ring
    }

    @Test func sequencesCountFromOneWithoutHoles() {
        var ring = EventRing()
        let sequences = (0..<3).map { _ in ring.append(kind: "fill", data: []).sequence }
        #expect(sequences == [1, 2, 3] && ring.lastSequence == 3)
    }

    @Test(arguments: [0, 1, 999, 1_000, 1_001, 2_500])
    func aClientGetsExactlyWhatItMissed(count: Int) throws {
        let ring = Self.ring(of: count)
        let kept = min(count, EventRing.capacity)
        for missed in [0, 1, kept / 2, kept] where missed <= count {
            let events = try #require(ring.events(after: UInt64(count - missed)))
            #expect(events.map(\.sequence) == (0..<missed).map { UInt64(count - missed + $0 + 1) })
            #expect(events.map(\.data) == events.map { [UInt8(($0.sequence - 1) % 256)] })
        }
    }

    @Test func whatIsGoneOrNeverWasIsAGap() {
        let ring = Self.ring(of: EventRing.capacity + 5)
        #expect(ring.events(after: 4) == nil)
        #expect(ring.events(after: 5)?.count == EventRing.capacity)
        #expect(ring.events(after: UInt64(EventRing.capacity) + 6) == nil)
        #expect(EventRing().events(after: 0) == [])
    }
}
