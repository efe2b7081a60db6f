// SPDX-License-Identifier: Apache-2.0
// Gaps, duplicates and restarts, by example and against a model that remembers everything.

import Testing
import TickFeed

struct SequenceTrackerTests {
    @Test func theFirstMessageEverCountsNoGap() {
        var tracker = SequenceTracker()
        #expect(tracker.position == nil)
        #expect(tracker.accept(epoch: 5, sequence: 1_000) == .inOrder)
        #expect(tracker.accept(epoch: 5, sequence: 1_001) == .inOrder)
        #expect(tracker.position?.epoch == 5 && tracker.position?.sequence == 1_001)
    }

    @Test func aGapCountsTheMissingMessagesAndGoesOnBehindIt() {
        var tracker = SequenceTracker()
        #expect(tracker.accept(epoch: 5, sequence: 0) == .inOrder)
        #expect(tracker.accept(epoch: 5, sequence: 4) == .gap(missing: 3))
        #expect(tracker.accept(epoch: 5, sequence: 5) == .inOrder)
    }

    @Test func lowerOrEqualSequencesAreDuplicatesAndChangeNothing() {
        var tracker = SequenceTracker()
        #expect(tracker.accept(epoch: 5, sequence: 7) == .inOrder)
        #expect(tracker.accept(epoch: 5, sequence: 7) == .duplicate)
        #expect(tracker.accept(epoch: 5, sequence: 0) == .duplicate)
        #expect(tracker.accept(epoch: 5, sequence: 8) == .inOrder)
    }

    @Test func anyOtherEpochIsARestartThatExpectsZero() {
        var tracker = SequenceTracker()
        #expect(tracker.accept(epoch: 5, sequence: 7) == .inOrder)
        #expect(tracker.accept(epoch: 6, sequence: 0) == .restart(missing: 0))
        #expect(tracker.accept(epoch: 4, sequence: 2) == .restart(missing: 2))
        #expect(tracker.accept(epoch: 4, sequence: 3) == .inOrder)
        #expect(tracker.accept(epoch: 5, sequence: 7) == .restart(missing: 7))
    }

    @Test func theLastSequenceThereIsDoesNotTrap() {
        var tracker = SequenceTracker()
        #expect(tracker.accept(epoch: 0, sequence: .max) == .inOrder)
        #expect(tracker.accept(epoch: 0, sequence: .max) == .duplicate)
        #expect(tracker.accept(epoch: 0, sequence: 0) == .duplicate)
        #expect(tracker.accept(epoch: 1, sequence: .max) == .restart(missing: .max))
        #expect(tracker.accept(epoch: 2, sequence: 0) == .restart(missing: 0))
        #expect(tracker.accept(epoch: 2, sequence: .max) == .gap(missing: .max - 1))
    }

    /// The model keeps every sequence of the current epoch that came or was given up, and counts.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func verdictsAreThoseOfAModelThatRemembersEverything(seed: UInt64) {
        var random = SplitMixGenerator(seed: seed)
        var tracker = SequenceTracker()
        var epoch: UInt64?
        var passed: Set<UInt64> = []
        for step in 0..<2_000 {
            let changes = UInt64.random(in: 0...9, using: &random) == 0
            let nextEpoch = changes ? UInt64.random(in: 0...2, using: &random) : epoch ?? 1
            let highest = passed.max() ?? 0
            let sequence = UInt64.random(in: (highest < 3 ? 0 : highest - 3)...(highest + 4), using: &random)
            let expected: SequenceVerdict
            if epoch == nil {
                expected = .inOrder
            } else if nextEpoch == epoch, passed.contains(sequence) {
                expected = .duplicate
            } else {
                let isRestart = nextEpoch != epoch
                if isRestart { passed = [] }
                let missing = UInt64((0..<sequence).filter { !passed.contains($0) }.count)
                expected = isRestart ? .restart(missing: missing) : missing == 0 ? .inOrder : .gap(missing: missing)
            }
            #expect(tracker.accept(epoch: nextEpoch, sequence: sequence) == expected, "seed \(seed), step \(step)")
            if expected != .duplicate { passed.formUnion(0...sequence) }
            epoch = nextEpoch
        }
    }
}
