// SPDX-License-Identifier: Apache-2.0
// A gateway's states are its upstream's, whatever is lost, comes twice or is torn on the way.

import FrameCodec
import FramePublisher
import FrameRelay
import Testing

struct RelayIntakeTests {
    private static let market = ChannelCatalog.market

    @Test func aGatewayAsksWhatThereIsAtTheFirstWordAndThenForEveryState() throws {
        let upstream = try UpstreamScript()
        _ = try upstream.cut(Self.market, 0, to: 1)
        let probe = IntakeProbe()
        #expect(probe.questions.isEmpty)
        probe.hear(upstream.beat)
        #expect(probe.questions.map(\.kind) == [.askHello])
        try probe.settle(with: upstream)
        #expect(probe.hellos == [upstream.hello])
        probe.follow { $0 < upstream.catalog.firmRisk }
        let asked = try ChannelQuestion.list(
            try #require(probe.questions.first).body, channelCount: upstream.catalog.count)
        #expect(asked.map(\.channel) == [0, 1, 2])
        try probe.settle(with: upstream)
        #expect(probe.cuts.map(\.cut.sequence) == [1] && probe.intake.waitingCount == 0)
    }

    @Test func frameAfterFrameIsACutWithTheVeryBytes() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        for number in 1...5 {
            let frames = try upstream.cut(Self.market, number % 3, to: Double(number))
            probe.hear(frames[0], frames[1])
            let cut = try #require(probe.cuts.last)
            #expect(cut.cut.sequence == UInt64(number))
            #expect(cut.frames.map(\.encoding) == [.deflate, .zstd])
            #expect(cut.frames.map(\.bytes) == frames.map(\.body))
            #expect(cut.frames.allSatisfy { $0.base == (number == 1 ? nil : UInt64(number) - 1) })
            #expect(cut.cut.past.map(\.sequence) == (1..<UInt64(number)).map { $0 })
        }
        #expect(probe.questions.isEmpty && probe.counters.gaps.value == 0)
    }

    @Test func whatWasMissedIsAskedForAndLiveFramesGoOnFromTheAnswer() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        let first = try upstream.cut(Self.market, 0, to: 1)
        probe.hear(first[1])
        _ = try upstream.cut(Self.market, 0, to: 2)
        let third = try upstream.cut(Self.market, 1, to: 3)
        probe.hear(third[1])
        #expect(probe.cuts.count == 1 && probe.counters.gaps.value == 1)
        let question = try #require(probe.questions.first)
        probe.questions = []
        // The node answers, and cuts on, before we hear the answer.
        let answer = try upstream.answers(to: question)
        let fourth = try upstream.cut(Self.market, 2, to: 4)
        probe.hear(fourth[1])
        probe.learn(answer)
        #expect(probe.cuts.map(\.cut.sequence) == [1, 3, 4])
        #expect(probe.cuts.last?.cut.state.checksum() == upstream.channels[Self.market].checksums[4])
        // A client at 1 goes on from there.
        #expect(probe.cuts.last?.cut.state(at: 1) != nil)
        #expect(probe.questions.isEmpty && probe.intake.waitingCount == 0)
    }

    @Test func theLossOfTheLastFrameIsSeenAtTheNextBeat() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        _ = try upstream.cut(Self.market, 0, to: 1)
        probe.hear(upstream.beat)
        #expect(probe.questions.count == 1)
        try probe.settle(with: upstream)
        #expect(probe.cuts.map(\.cut.sequence) == [1])
        probe.hear(upstream.beat)
        #expect(probe.questions.isEmpty)
    }

    @Test func aFrameThatComesTwiceIsDropped() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        let frames = try upstream.cut(Self.market, 0, to: 1)
        probe.hear(frames[1], frames[1], frames[0])
        #expect(probe.cuts.count == 1 && probe.counters.duplicates.value == 2)
    }

    @Test func aTornFrameIsRefusedAndItsStateAskedFor() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        probe.hear(try upstream.cut(Self.market, 0, to: 1)[1])
        var torn = try upstream.cut(Self.market, 0, to: 2)[1]
        torn.body.removeLast(3)
        probe.hear(torn)
        #expect(probe.counters.refusedCount(.body) == 1 && probe.cuts.count == 1)
        try probe.settle(with: upstream)
        #expect(probe.cuts.last?.cut.sequence == 2)
        probe.hear(try upstream.cut(Self.market, 0, to: 3)[1])
        #expect(probe.cuts.last?.cut.state.checksum() == upstream.channels[Self.market].checksums[3])
    }

    @Test func questionsWithoutAnAnswerAreAskedAgain() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        probe.hear(upstream.beat)
        probe.tick()
        #expect(probe.questions.count == 1)
        probe.now += RelayIntake.retryNanoseconds
        probe.tick()
        #expect(probe.questions.map(\.kind) == [.askHello, .askHello])
        try probe.settle(with: upstream)
        #expect(probe.hellos.count == 1)
        probe.follow { $0 == Self.market }
        probe.questions = []
        probe.tick()
        #expect(probe.questions.isEmpty)
        probe.now += RelayIntake.retryNanoseconds
        probe.tick()
        #expect(probe.questions.map(\.kind) == [.askChannels])
    }

    @Test func anotherRunBeginsAnew() throws {
        let upstream = try UpstreamScript(epoch: 1)
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        for number in 1...9 { probe.hear(try upstream.cut(Self.market, 0, to: Double(number))[1]) }
        let next = try UpstreamScript(epoch: 2)
        _ = try next.cut(Self.market, 0, to: 100)
        try probe.begin(with: next)
        #expect(probe.hellos.map(\.epoch) == [1, 2] && probe.counters.restarts.value == 1)
        #expect(probe.cuts.last?.cut.sequence == 1 && probe.cuts.last?.cut.past.isEmpty == true)
        // What the other run would still answer is not taken for this one's.
        let count = probe.cuts.count
        probe.learn([upstream.message(.channel, name: "market", body: [])])
        #expect(probe.cuts.count == count)
    }

    @Test func messagesThatDoNotBelongWhereTheyComeAreRefused() throws {
        let upstream = try UpstreamScript()
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        probe.hear(upstream.helloAnswer, upstream.message(.askHello))
        probe.learn([upstream.beat, upstream.message(.frame)])
        probe.intake.receive(live: nil, nowNanoseconds: 1)
        #expect(probe.counters.refusedCount(.framing) == 5)
        probe.hear(upstream.message(.event, number: 1, name: "account:Z", body: [1, 65, 123, 125]))
        #expect(probe.counters.refusedCount(.channel) == 1)
        probe.hear(
            upstream.message(.event, number: 1, name: "market", body: [1, 65, 123]),
            upstream.message(.event, number: 0, name: "market", body: [1, 65, 123, 125]),
            upstream.message(.beat, body: RelayPosition.body([RelayPosition()])))
        #expect(probe.counters.refusedCount(.body) == 3 && probe.events.isEmpty)
    }

    @Test func aRiskChannelIsFollowedWhileSomebodyWantsIt() throws {
        let upstream = try UpstreamScript()
        let risk = upstream.catalog.firmRisk
        let probe = IntakeProbe()
        try probe.begin(with: upstream)
        probe.hear(try upstream.cut(risk, 0, to: 1)[1])
        #expect(probe.cuts.isEmpty && probe.questions.isEmpty)
        probe.follow { $0 <= risk }
        try probe.settle(with: upstream)
        #expect(probe.cuts.map(\.cut.channel) == [risk])
        probe.follow { $0 < risk }
        probe.hear(try upstream.cut(risk, 0, to: 2)[1])
        #expect(probe.cuts.count == 1)
        probe.follow { $0 <= risk }
        try probe.settle(with: upstream)
        #expect(probe.cuts.last?.cut.sequence == 2)
    }
}
