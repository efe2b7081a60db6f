// SPDX-License-Identifier: Apache-2.0
// The ring against an array: random sequences of operations on one thread, where every answer is known.
import CPlatform
import CRing
import Testing

/// The ring's contract as an array of what is ready and a list of what is claimed.
private struct RingModel {
    let capacity: Int
    var ready: [UInt64] = []
    var claimed = 0
    var peeked = 0
    var nextValue: UInt64 = 1
}

/// A ring and its model, stepped together.
private final class RingUnderTest {
    let ring: OpaquePointer
    var model: RingModel

    init(capacity: Int) throws {
        ring = try #require(tr_ring_create(capacity))
        model = RingModel(capacity: capacity)
    }

    deinit { tr_ring_destroy(ring) }

    func claim(_ count: Int) -> Bool {
        var run = tr_run()
        guard tr_ring_claim(ring, count, &run) else { return false }
        model.claimed = count
        for (index, slot) in Self.slots(of: run, count: count).enumerated() {
            let value = model.nextValue + UInt64(index)
            slot.pointee.words = (value, ~value, value &* 3, 7)
        }
        return true
    }

    func commit(_ count: Int) {
        tr_ring_commit(ring, count)
        model.ready += (0..<UInt64(count)).map { model.nextValue + $0 }
        model.nextValue += UInt64(count)
        model.claimed -= count
    }

    /// The values peeked, nil where a record is torn.
    func peek(_ limit: Int) -> [UInt64?] {
        var run = tr_run()
        let count = tr_ring_peek(ring, limit, &run)
        model.peeked = count
        return Self.slots(of: run, count: count).map { slot in
            let words = slot.pointee.words
            let whole = words.1 == ~words.0 && words.2 == words.0 &* 3 && words.3 == 7
            return whole ? words.0 : nil
        }
    }

    func release(_ count: Int) {
        tr_ring_release(ring, count)
        model.ready.removeFirst(count)
        model.peeked -= count
    }

    private static func slots(of run: tr_run, count: Int) -> [UnsafeMutablePointer<tr_record>] {
        #expect(run.first_count + run.second_count == count)
        #expect((run.first == nil) == (run.first_count == 0))
        #expect((run.second == nil) == (run.second_count == 0))
        let first = run.first.map { base in (0..<run.first_count).map { base + $0 } } ?? []
        let second = run.second.map { base in (0..<run.second_count).map { base + $0 } } ?? []
        return first + second
    }
}

@Suite struct RingModelTests {
    @Test(arguments: [2, 4, 8, 64], [1, 2, 3, 4, 5] as [UInt64])
    func randomOperationsAgreeWithAnArray(capacity: Int, seed: UInt64) throws {
        var random = RingRandom(seed: seed)
        let under = try RingUnderTest(capacity: capacity)
        for step in 0..<4_000 {
            let place: Comment = "capacity \(capacity), seed \(seed), step \(step)"
            switch random.below(4) {
            case 0:
                let count = random.below(capacity + 3)
                let room = capacity - under.model.ready.count
                #expect(under.claim(count) == (count <= room), place)
            case 1:
                under.commit(random.below(under.model.claimed + 1))
            case 2:
                let limit = random.below(capacity + 3)
                #expect(under.peek(limit) == under.model.ready.prefix(limit).map { $0 }, place)
            default:
                under.release(random.below(under.model.peeked + 1))
            }
            #expect(tr_ring_count(under.ring) == under.model.ready.count, place)
        }
        #expect(under.model.nextValue > 4 * UInt64(capacity), "the ring wrapped around")
    }

    @Test func aBatchThatWrapsComesInTwoRuns() throws {
        let under = try RingUnderTest(capacity: 8)
        #expect(under.claim(6))
        under.commit(6)
        #expect(under.peek(6).count == 6)
        under.release(6)

        var run = tr_run()
        #expect(tr_ring_claim(under.ring, 5, &run))
        #expect(run.first_count == 2)
        #expect(run.second_count == 3)
    }

    @Test func aFullRingRefusesAndTakesAgainAfterARelease() throws {
        let under = try RingUnderTest(capacity: 4)
        #expect(under.claim(4))
        under.commit(4)
        #expect(!under.claim(1))
        #expect(under.peek(1) == [1])
        #expect(!under.claim(1), "a peeked slot is not free yet")
        under.release(1)
        #expect(under.claim(1))
        #expect(!under.claim(2))
    }

    @Test(arguments: [9, 1_000, Int.max, -1])
    func claimsLargerThanTheCapacityAreRefused(count: Int) throws {
        let under = try RingUnderTest(capacity: 8)
        #expect(!under.claim(count))
        #expect(under.claim(8), "a refusal changes nothing")
    }

    @Test func nothingIsVisibleBeforeTheCommitAndAllOfItAfter() throws {
        let under = try RingUnderTest(capacity: 8)
        #expect(under.claim(3))
        #expect(under.peek(8).isEmpty)
        under.commit(3)
        #expect(under.peek(8) == [1, 2, 3])
    }

    @Test func claimingAgainClaimsTheSameSlots() throws {
        let under = try RingUnderTest(capacity: 8)
        var first = tr_run()
        var second = tr_run()
        #expect(tr_ring_claim(under.ring, 3, &first))
        #expect(tr_ring_claim(under.ring, 5, &second))
        #expect(first.first == second.first)
    }

    @Test(arguments: [-1, 0, 1, 3, 6, 100, 1 << 27])
    func capacitiesThatAreNoPowerOfTwoInRangeAreRefused(capacity: Int) {
        #expect(tr_ring_create(capacity) == nil)
    }

    @Test(arguments: [2, 4, 1_024])
    func theCapacityIsTheOneAskedFor(capacity: Int) throws {
        let ring = try #require(tr_ring_create(capacity))
        defer { tr_ring_destroy(ring) }
        #expect(tr_ring_capacity(ring) == capacity)
    }

    @Test func committingMoreThanWasClaimedTraps() async {
        await #expect(processExitsWith: .failure) {
            var run = tr_run()
            let ring = tr_ring_create(8)!
            _ = tr_ring_claim(ring, 2, &run)
            tr_ring_commit(ring, 3)
        }
    }

    @Test func releasingMoreThanWasPeekedTraps() async {
        await #expect(processExitsWith: .failure) {
            var run = tr_run()
            let ring = tr_ring_create(8)!
            _ = tr_ring_claim(ring, 2, &run)
            tr_ring_commit(ring, 2)
            _ = tr_ring_peek(ring, 1, &run)
            tr_ring_release(ring, 2)
        }
    }
}
