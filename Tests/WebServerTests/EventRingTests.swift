// SPDX-License-Identifier: Apache-2.0
// Events are replayed whole or not at all.

import FramePublisher
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

    @Test func numbersGoOnAboveThoseOfWhoeverWasBefore() {
        var ring = EventRing(floor: 1 << 32)
        #expect(ring.lastSequence == 1 << 32 && ring.events(after: 1 << 32)?.isEmpty == true)
        #expect(ring.append(kind: "fill", data: []).sequence == 1 << 32 + 1)
        // What somebody else told is not known here.
        #expect(ring.events(after: 17) == nil && ring.kept(after: 17).map(\.sequence) == [1 << 32 + 1])
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

    @Test func eventsNumberedElsewhereGoOnAndAHoleBeginsTheRingAnew() {
        var ring = EventRing()
        func append(_ sequence: UInt64) {
            ring.append(StreamEvent(sequence: sequence, kind: "order", data: []))
        }
        for sequence in 1...3 as ClosedRange<UInt64> { append(sequence) }
        #expect(ring.events(after: 1)?.map(\.sequence) == [2, 3])
        append(7)
        #expect(ring.events(after: 6)?.map(\.sequence) == [7] && ring.events(after: 3) == nil)
        ring.skip(to: 9)
        #expect(ring.lastSequence == 9 && ring.events(after: 9) == [] && ring.events(after: 8) == nil)
        #expect(ring.append(kind: "fill", data: []).sequence == 10)
    }

    @Test(arguments: [0, 1, 999, 1_000, 2_500])
    func whatIsKeptIsTheNewest(count: Int) {
        let ring = Self.ring(of: count)
        let first = max(0, count - EventRing.capacity)
        #expect(ring.kept(after: 0).map(\.sequence) == (first..<count).map { UInt64($0 + 1) })
        #expect(ring.kept(after: UInt64(count)) == [] && ring.kept(after: .max) == [])
        if count > 0 { #expect(ring.kept(after: UInt64(count - 1)).map(\.sequence) == [UInt64(count)]) }
    }

    @Test func whatIsGoneOrNeverWasIsAGap() {
        let ring = Self.ring(of: EventRing.capacity + 5)
        #expect(ring.events(after: 4) == nil)
        #expect(ring.events(after: 5)?.count == EventRing.capacity)
        #expect(ring.events(after: UInt64(EventRing.capacity) + 6) == nil)
        #expect(EventRing().events(after: 0) == [])
    }
}
