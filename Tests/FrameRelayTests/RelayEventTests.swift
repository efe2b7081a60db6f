// SPDX-License-Identifier: Apache-2.0
// Events reach a gateway in order and without a hole nobody is told of.

import FramePublisher
import FrameRelay
import Testing

struct RelayEventTests {
    private static let account = 2

    @Test func eventsComeInOrderAndOnce() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        let events = (0..<3).map { _ in upstream.event(Self.account) }
        for event in events { probe.hear(event, event) }
        #expect(probe.events.map(\.event.sequence) == [1, 2, 3])
        #expect(probe.events.allSatisfy { $0.channel == Self.account } && probe.counters.duplicates.value == 3)
    }

    @Test func aLostEventIsAskedForAndComesBeforeTheNext() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        probe.hear(upstream.event(Self.account))
        _ = upstream.event(Self.account)
        probe.hear(upstream.event(Self.account))
        #expect(probe.events.count == 1)
        try probe.settle(with: upstream)
        #expect(probe.events.map(\.event.sequence) == [1, 2, 3] && probe.skipped.isEmpty)
    }

    @Test func theLossOfTheLastEventIsSeenAtTheNextBeat() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        _ = upstream.event(Self.account)
        probe.hear(upstream.beat)
        try probe.settle(with: upstream)
        #expect(probe.events.map(\.event.sequence) == [1])
    }

    @Test func aLateGatewayHearsWhatTheNodeStillKeeps() throws {
        let upstream = try UpstreamScript()
        for _ in 0..<5 { _ = upstream.event(Self.account) }
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        #expect(probe.events.map(\.event.sequence) == [1, 2, 3, 4, 5])
    }

    @Test func whatTheNodeDoesNotKeepAnyMoreIsSkippedInTheOpen() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        for _ in 0..<5 { _ = upstream.event(Self.account) }
        probe.hear(upstream.event(Self.account))
        let question = try #require(probe.questions.first)
        probe.questions = []
        probe.learn(try upstream.answers(to: question, eventsKept: 2))
        // The hub that takes them sees that 5 does not follow 0.
        #expect(probe.events.map(\.event.sequence) == [5, 6])
        probe.hear(upstream.event(Self.account))
        #expect(probe.events.last?.event.sequence == 7)
        for _ in 0..<3 { _ = upstream.event(Self.account) }
        probe.hear(upstream.beat)
        let again = try #require(probe.questions.first)
        probe.learn(try upstream.answers(to: again, eventsKept: 0))
        #expect(probe.skipped.map(\.sequence) == [10])
    }
}
