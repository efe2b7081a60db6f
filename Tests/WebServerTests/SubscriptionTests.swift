// SPDX-License-Identifier: Apache-2.0
// What a client gets next, and when a client that takes nothing is given up.

import Testing
import WebServer

struct SubscriptionTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func aNewSubscriptionWantsASnapshotAndThenDeltasFromWhatItGot() {
        var subscription = Subscription(resumedAt: nil, nowNanoseconds: 0)
        #expect(subscription.decision(newest: 7, isWritable: true, nowNanoseconds: 0) == .send(base: nil))
        subscription.sent(7, nowNanoseconds: 0, intervalNanoseconds: 0)
        #expect(subscription.decision(newest: 7, isWritable: true, nowNanoseconds: 1) == .wait)
        #expect(subscription.decision(newest: 8, isWritable: true, nowNanoseconds: 1) == .send(base: 7))
    }

    @Test func aClientThatCannotWriteSkipsAndContinuesFromWhereItWas() {
        var subscription = Subscription(resumedAt: nil, nowNanoseconds: 0)
        subscription.sent(7, nowNanoseconds: 0, intervalNanoseconds: 0)
        #expect(subscription.decision(newest: 8, isWritable: false, nowNanoseconds: 1) == .skip)
        #expect(subscription.decision(newest: 20, isWritable: true, nowNanoseconds: 2) == .send(base: 7))
    }

    @Test func aSlowerRateSpacesFrames() {
        var subscription = Subscription(resumedAt: nil, nowNanoseconds: 0)
        subscription.sent(1, nowNanoseconds: 0, intervalNanoseconds: Self.second)
        #expect(subscription.decision(newest: 2, isWritable: true, nowNanoseconds: Self.second - 1) == .wait)
        #expect(subscription.decision(newest: 9, isWritable: true, nowNanoseconds: Self.second) == .send(base: 1))
    }

    @Test func aReturningClientContinues() {
        let subscription = Subscription(resumedAt: 5, nowNanoseconds: 0)
        #expect(subscription.decision(newest: 9, isWritable: true, nowNanoseconds: 0) == .send(base: 5))
        #expect(subscription.decision(newest: 5, isWritable: true, nowNanoseconds: 0) == .wait)
    }

    @Test func aClientThatIsAheadOfOneOfSeveralGetsNothingOlderForAWhile() {
        let subscription = Subscription(resumedAt: 7, patienceNanoseconds: Self.second, nowNanoseconds: 0)
        #expect(subscription.decision(newest: 5, isWritable: true, nowNanoseconds: Self.second - 1) == .wait)
        #expect(subscription.decision(newest: 9, isWritable: true, nowNanoseconds: 1) == .send(base: 7))
        #expect(subscription.decision(newest: 5, isWritable: true, nowNanoseconds: Self.second) == .send(base: 7))
        let alone = Subscription(resumedAt: 7, nowNanoseconds: 0)
        #expect(alone.decision(newest: 5, isWritable: true, nowNanoseconds: 0) == .send(base: 7))
    }

    @Test func aQuietChannelBeatsOnceASecond() {
        var subscription = Subscription(resumedAt: nil, nowNanoseconds: 0)
        let early = subscription.heartbeat(nowNanoseconds: 2 * Self.second)
        #expect(early == nil, "nothing was sent yet")
        subscription.sent(3, nowNanoseconds: 0, intervalNanoseconds: 0)
        let beats = [1, 2].map { subscription.heartbeat(nowNanoseconds: $0 * Self.second) }
        #expect(beats == [3, 3])
        let between = subscription.heartbeat(nowNanoseconds: 2 * Self.second + 1)
        #expect(between == nil)
    }
}

struct StallWatchTests {
    private static func run(_ steps: [(writable: Bool, taken: Int, at: UInt64)]) -> [Bool] {
        var watch = StallWatch()
        return steps.map {
            watch.isStalled(
                isWritable: $0.writable, takenBytes: $0.taken, nowNanoseconds: $0.at, timeoutNanoseconds: 10)
        }
    }

    @Test func takingNothingForTheTimeoutIsAStall() {
        #expect(Self.run([(false, 100, 0), (false, 100, 9), (false, 100, 10)]) == [false, false, true])
    }

    @Test func takingALittleIsNoStall() {
        #expect(Self.run([(false, 100, 0), (false, 101, 9), (false, 101, 18), (false, 102, 19)]).allSatisfy { !$0 })
    }

    @Test func aWritableConnectionStartsOver() {
        #expect(Self.run([(false, 100, 0), (true, 100, 5), (false, 100, 11), (false, 100, 20)]).allSatisfy { !$0 })
    }
}

struct PeerLivenessTests {
    private static let interval: UInt64 = 20_000_000_000

    @Test func aSilentPeerIsPingedAndThenGivenUp() {
        var liveness = PeerLiveness()
        let actions = [0, 1, 2].map { liveness.tick(nowNanoseconds: $0 * Self.interval) }
        #expect(actions == [.nothing, .ping, .dead])
    }

    @Test func anAnswerKeepsItAlive() {
        var liveness = PeerLiveness()
        _ = liveness.tick(nowNanoseconds: 0)
        _ = liveness.tick(nowNanoseconds: Self.interval)
        liveness.heard()
        let action = liveness.tick(nowNanoseconds: 2 * Self.interval)
        #expect(action == .ping)
    }
}
