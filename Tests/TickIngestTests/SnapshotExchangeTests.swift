// SPDX-License-Identifier: Apache-2.0
// When a snapshot is asked for: once, again when nothing came of it, ever more rarely, never twice at a time.

import Testing
import TickIngest

struct SnapshotExchangeTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func nothingIsAskedUntilSomethingIsMissed() {
        var exchange = SnapshotExchange()
        #expect(exchange.step(nowNanoseconds: 5) == .nothing)
        #expect(exchange.take(.used(isLast: true), nowNanoseconds: 5) == .nothing)
        exchange.want(nowNanoseconds: 6)
        #expect(exchange.step(nowNanoseconds: 6) == .ask)
        #expect(exchange.step(nowNanoseconds: 7) == .nothing)
    }

    @Test func theLastUsedMessageEndsTheQuestion() {
        var exchange = SnapshotExchange()
        exchange.want(nowNanoseconds: 0)
        #expect(exchange.step(nowNanoseconds: 0) == .ask)
        #expect(exchange.take(.used(isLast: false), nowNanoseconds: 1) == .nothing)
        #expect(exchange.take(.used(isLast: true), nowNanoseconds: 2) == .finish)
        #expect(exchange.step(nowNanoseconds: 1_000 * Self.second) == .nothing)
    }

    @Test func questionsAreASecondApart() {
        var exchange = SnapshotExchange()
        exchange.want(nowNanoseconds: 0)
        #expect(exchange.step(nowNanoseconds: 0) == .ask)
        #expect(exchange.take(.used(isLast: true), nowNanoseconds: 1) == .finish)
        exchange.want(nowNanoseconds: 2)
        #expect(exchange.step(nowNanoseconds: Self.second - 1) == .nothing)
        #expect(exchange.step(nowNanoseconds: Self.second) == .ask)
    }

    @Test(arguments: [
        SnapshotExchange.Part.ignored(isLast: true), .ignored(isLast: false), .refused,
    ])
    func whatIsOfNoUseIsAskedForAgainEverMoreRarely(part: SnapshotExchange.Part) {
        var exchange = SnapshotExchange()
        var asked: [UInt64] = []
        exchange.want(nowNanoseconds: 0)
        for tenth in 0..<2_000 as Range<UInt64> {
            let now = tenth * Self.second / 10
            guard exchange.step(nowNanoseconds: now) == .ask else { continue }
            asked.append(tenth / 10)
            #expect(exchange.take(part, nowNanoseconds: now) == .giveUp)
        }
        #expect(asked == [0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181])
    }

    @Test func aQuestionWithoutAnAnswerIsDroppedInTimeAndAskedAgain() {
        var exchange = SnapshotExchange()
        exchange.want(nowNanoseconds: 0)
        #expect(exchange.step(nowNanoseconds: 0) == .ask)
        #expect(exchange.take(.used(isLast: false), nowNanoseconds: Self.second) == .nothing)
        #expect(exchange.step(nowNanoseconds: 3 * Self.second - 1) == .nothing)
        #expect(exchange.step(nowNanoseconds: 3 * Self.second) == .giveUp)
        #expect(exchange.step(nowNanoseconds: 3 * Self.second) == .ask)
    }

    @Test func aGapInTheMiddleOfAnAnswerMakesItWorthless() {
        var exchange = SnapshotExchange()
        exchange.want(nowNanoseconds: 0)
        #expect(exchange.step(nowNanoseconds: 0) == .ask)
        #expect(exchange.take(.used(isLast: false), nowNanoseconds: 1) == .nothing)
        exchange.want(nowNanoseconds: 2)
        #expect(exchange.step(nowNanoseconds: 2) == .giveUp)
        #expect(exchange.step(nowNanoseconds: Self.second) == .ask)
    }

    @Test func aGapBeforeTheAnswerBeginsAsksNoSecondTime() {
        var exchange = SnapshotExchange()
        exchange.want(nowNanoseconds: 0)
        #expect(exchange.step(nowNanoseconds: 0) == .ask)
        exchange.want(nowNanoseconds: 1)
        #expect(exchange.take(.used(isLast: true), nowNanoseconds: 2) == .finish)
        #expect(exchange.step(nowNanoseconds: 100 * Self.second) == .nothing)
    }
}
