// SPDX-License-Identifier: Apache-2.0
// When a message is tried, tried again, and given up.

import AlertWebhooks
import RiskSimulation
import Testing

private let second: UInt64 = 1_000_000_000

struct WebhookQueueTests {
    private func queue(_ ids: [String], attempts: Int = 3, room: Int = 10) -> WebhookQueue {
        var queue = WebhookQueue(attemptsMax: attempts, queueMax: room)
        for id in ids { queue.add(WebhookMessage(id: id, body: [])) }
        return queue
    }

    @Test func messagesGoOneAtATimeInTheirOrder() {
        var queue = self.queue(["a", "b"])
        #expect(queue.next(nowNanoseconds: 0)?.id == "a")
        #expect(queue.next(nowNanoseconds: 0) == nil && queue.dueTime == nil)
        queue.finish("a", .delivered, nowNanoseconds: 1, jitter: 0)
        #expect(queue.next(nowNanoseconds: 1)?.id == "b")
        queue.finish("b", .delivered, nowNanoseconds: 2, jitter: 0)
        #expect(queue.next(nowNanoseconds: 2) == nil && queue.deliveredCount == 2 && queue.deadCount == 0)
    }

    @Test func waitsDoubleAndAreBounded() {
        var queue = self.queue(["a", "b"], attempts: 20)
        var now: UInt64 = 0
        var waits: [UInt64] = []
        for _ in 0..<19 {
            #expect(queue.next(nowNanoseconds: now)?.id == "a")
            queue.finish("a", .failed, nowNanoseconds: now, jitter: 1)
            let due = queue.dueTime ?? 0
            #expect(queue.next(nowNanoseconds: due - 1) == nil)
            waits.append(due - now)
            now = due
        }
        #expect(waits.prefix(4) == [second / 2, second, 2 * second, 4 * second] && waits.last == 60 * second)
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 } && queue.isFailing)
        // The last attempt.
        _ = queue.next(nowNanoseconds: now)
        queue.finish("a", .failed, nowNanoseconds: now, jitter: 1)
        #expect(queue.deadCount == 1 && queue.isLosing && queue.next(nowNanoseconds: now)?.id == "b")
        queue.finish("b", .delivered, nowNanoseconds: now, jitter: 1)
        #expect(!queue.isFailing && !queue.isLosing)
    }

    @Test func jitterHalvesAWaitAtMost() {
        for (jitter, wait) in [(0.0, second / 4), (0.5, second * 3 / 8), (1.0, second / 2), (7.0, second / 2)] {
            var queue = self.queue(["a"])
            _ = queue.next(nowNanoseconds: 0)
            queue.finish("a", .failed, nowNanoseconds: 0, jitter: jitter)
            #expect(queue.dueTime == wait)
        }
    }

    @Test func whatIsRefusedIsNotTriedAgain() {
        var queue = self.queue(["a", "b"])
        _ = queue.next(nowNanoseconds: 0)
        queue.finish("a", .refused, nowNanoseconds: 0, jitter: 0)
        #expect(queue.deadCount == 1 && queue.next(nowNanoseconds: 0)?.id == "b")
    }

    @Test func theOldestThatIsNotOnItsWayGivesWay() {
        var queue = self.queue(["a", "b"], room: 2)
        _ = queue.next(nowNanoseconds: 0)
        queue.add(WebhookMessage(id: "c", body: []))
        #expect(queue.waitingCount == 2 && queue.deadCount == 1)
        queue.finish("a", .delivered, nowNanoseconds: 0, jitter: 0)
        #expect(queue.next(nowNanoseconds: 0)?.id == "c")
    }

    @Test func everyMessageEndsOnceWhateverHappens() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var queue = WebhookQueue(attemptsMax: 3, queueMax: 5)
        var added: UInt64 = 0
        var flying: String?
        var now: UInt64 = 0
        for _ in 0..<20_000 {
            now += UInt64(random.nextIndex(below: 1 << 30))
            switch random.nextIndex(below: 3) {
            case 0:
                added += 1
                queue.add(WebhookMessage(id: "\(added)", body: []))
            case 1:
                guard let message = queue.next(nowNanoseconds: now) else { continue }
                #expect(flying == nil)
                flying = message.id
            default:
                guard let id = flying else { continue }
                let outcomes: [WebhookQueue.Outcome] = [.delivered, .failed, .refused]
                queue.finish(
                    id, outcomes[random.nextIndex(below: 3)], nowNanoseconds: now, jitter: random.nextUniform())
                flying = nil
            }
            #expect(queue.waitingCount <= 5)
        }
        #expect(added == queue.deliveredCount + queue.deadCount + UInt64(queue.waitingCount), "seed \(seed)")
    }
}

struct WebhookTargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:9000/hook?a=1", "127.0.0.1", 9_000, "/hook?a=1"),
        ("http://desk.example", "desk.example", 80, "/"),
        ("http://[::1]:81/x", "::1", 81, "/x"), ("http://a?b", "a", 80, "/?b"),
    ])
    func addressesAreRead(url: String, host: String, port: Int, path: String) throws {
        let target = try #require(WebhookTarget(url: url))
        #expect(target.host == host && target.port == port && target.path == path)
    }

    @Test(arguments: [
        "", "https://a", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:+1", "http://u:p@a/",
        "http://a/ b", "http://a/#x", "ftp://a", "http://a b", "http://[::1", "http://[::1]x", "http://a\r\nX: y",
    ])
    func othersAreRefused(url: String) {
        #expect(WebhookTarget(url: url) == nil)
    }
}
