// SPDX-License-Identifier: Apache-2.0
// Events reach a client in order and once, or it is given up.

import NIOCore
import Testing
import WebServer

struct EventQueueTests {
    private static func event(_ sequence: UInt64, channel: Int = 1) -> WireEvent {
        WireEvent(channel: channel, sequence: sequence, frame: ByteBuffer(integer: sequence))
    }

    @Test func aReadingClientGetsEventsAtOnce() {
        var queue = EventQueue()
        queue.begin(channel: 1, at: 4)
        let outcomes = [5, 6].map { queue.add(Self.event($0), isWritable: true) }
        #expect(outcomes == [.write, .write])
    }

    @Test func whatTheClientHasIsNotSentAgain() {
        var queue = EventQueue()
        queue.begin(channel: 1, at: 4)
        let outcomes = [4, 5, 5].map { queue.add(Self.event($0), isWritable: true) }
        #expect(outcomes == [.kept, .write, .kept])
        let other = queue.add(Self.event(9, channel: 2), isWritable: true)
        #expect(other == .kept, "not subscribed")
    }

    @Test func whatWaitsGoesOutInOrderBeforeWhatComesLater() {
        var queue = EventQueue()
        queue.begin(channel: 1, at: 0)
        let outcomes = [(1, false), (2, true), (3, true)].map { queue.add(Self.event($0), isWritable: $1) }
        #expect(outcomes == [.kept, .kept, .kept])
        let frames = queue.takeAll()
        #expect(frames == [1, 2, 3].map { ByteBuffer(integer: UInt64($0)) } && queue.isEmpty)
        let next = queue.add(Self.event(4), isWritable: true)
        #expect(next == .write)
    }

    @Test func aThousandMayWaitAndNoMore() {
        var queue = EventQueue()
        queue.begin(channel: 1, at: 0)
        let outcomes = (1...1_001).map { queue.add(Self.event(UInt64($0)), isWritable: false) }
        #expect(outcomes.dropLast().allSatisfy { $0 == .kept } && outcomes.last == .overflow)
    }
}
