// SPDX-License-Identifier: Apache-2.0
// From messages to the engine: every tick accepted, refused or conflated, and gaps in their place.

import RiskDomain
import RiskKernel
import RiskSimulation
import Testing
import TickFeed
import TickIngest

struct FeedIntakeTests {
    /// An intake with the engine behind it, so that what arrives is seen where it counts.
    private final class Rig {
        let counters = FeedCounters()
        let engine: EngineHandle
        let ring: TickRing
        var intake: FeedIntake
        var encoder: TickEncoder
        private let market: EngineViewPort
        private var now: UInt64 = 1_000_000_000_000

        init(instruments: Int = 4, ringCapacity: Int = 64) throws {
            let inputs = RiskInputs(
                instruments: SyntheticInstruments.make(count: instruments), accounts: [], positions: [],
                history: ClosingHistory(dates: [], closes: [:]), stressScenarios: [], convention: RiskConvention())
            self.ring = TickRing(capacity: ringCapacity)!
            self.engine = try EngineHandle(
                inputs: inputs, plan: BookPlan(inputs), rings: [self.ring], tier: KernelTier(named: nil))
            self.intake = FeedIntake(ring: self.ring, counters: self.counters, directory: inputs.directory)
            self.encoder = TickEncoder(directory: inputs.directory)
            self.market = self.engine.marketPort
        }

        @discardableResult
        func take(sequence: UInt64, epoch: UInt64 = 1, _ ticks: [Tick]) -> FeedIntake.Event? {
            let bytes = self.encoder.encode(epoch: epoch, sequence: sequence, sentNanoseconds: 77, ticks: ticks)
            return bytes.withUnsafeBytes { self.intake.take($0, receivedNanoseconds: 5) }
        }

        @discardableResult
        func answer(
            sequence: UInt64, epoch: UInt64 = 1, kind: MessageKind = .snapshot, _ ticks: [Tick]
        ) -> SnapshotExchange.Part {
            let bytes = self.encoder.encode(
                kind: kind, flags: kind == .snapshot ? TickWire.lastOfSnapshotFlag : 0, epoch: epoch,
                sequence: sequence, sentNanoseconds: 77, ticks: ticks)
            return bytes.withUnsafeBytes { self.intake.takeAnswer($0, receivedNanoseconds: 5) }
        }

        /// Last prices and statuses after the engine took what the ring holds.
        func quotes() -> [(last: Double, status: ValueStatus)] {
            self.now += 100_000_000
            while self.engine.drain(limit: 16, nowNanoseconds: self.now) > 0 { _ = self.intake.flush() }
            _ = self.engine.cut(nowNanoseconds: self.now, wallNanoseconds: self.now)
            guard let view = self.market.take() else { return [] }
            return zip(view.rows(QuoteColumn.last), view.rows(QuoteColumn.status)).map {
                ($0, ValueStatus(rawValue: UInt8($1))!)
            }
        }
    }

    @Test func aSnapshotOfAnotherEpochOrBeforeTheGapIsIgnored() throws {
        let rig = try Rig()
        #expect(rig.answer(sequence: 0, [Self.last(0, 9)]) == .ignored(isLast: true))
        rig.take(sequence: 3, [Self.last(0, 1)])
        #expect(rig.answer(sequence: 1, [Self.last(0, 9)]) == .ignored(isLast: true))
        #expect(rig.answer(sequence: 5, epoch: 2, [Self.last(0, 9)]) == .ignored(isLast: true))
        #expect(rig.answer(sequence: .max, [Self.last(0, 9)]) == .ignored(isLast: true))
        #expect(rig.quotes()[0].last == 1)
        #expect(rig.counters.snapshotsIgnored.value == 4 && rig.counters.ticks.value == 1)
    }

    @Test func ofASnapshotAndLiveTicksTheNewerWinsPerInstrument() throws {
        let rig = try Rig()
        rig.take(sequence: 0, [Self.last(0, 1), Self.last(1, 1)])
        rig.take(sequence: 1, [Self.last(1, 2)])
        #expect(rig.answer(sequence: 0, [Self.last(0, 5), Self.last(1, 5), Self.last(2, 5)]) == .used(isLast: true))
        #expect(rig.quotes().map(\.last).prefix(3) == [5, 2, 5])
        #expect(rig.answer(sequence: 4, [Self.last(0, 7)]) == .used(isLast: true))
        rig.take(sequence: 2, [Self.last(0, 6), Self.last(1, 6)])
        #expect(rig.quotes().map(\.last).prefix(2) == [7, 6])
        rig.take(sequence: 3, [])
        rig.take(sequence: 4, [Self.last(0, 8)])
        rig.take(sequence: 5, [Self.last(0, 9)])
        #expect(rig.quotes()[0].last == 9)
        #expect(rig.counters.superseded.value == 3)
    }

    @Test func aRestartForgetsWhatASnapshotOfTheRunBeforeSaid() throws {
        let rig = try Rig()
        rig.take(sequence: 0, [])
        rig.answer(sequence: 100, [Self.last(0, 5)])
        rig.take(sequence: 0, epoch: 2, [Self.last(0, 6)])
        #expect(rig.quotes()[0].last == 6 && rig.counters.superseded.value == 0)
    }

    @Test func whatIsNoSnapshotIsRefusedAsAnAnswer() throws {
        let rig = try Rig()
        rig.take(sequence: 0, [])
        #expect(rig.answer(sequence: 0, kind: .ticks, [Self.last(0, 5)]) == .refused)
        #expect(rig.counters.ticks.value == 0)
        #expect(rig.counters.rejected(.framing).value == 1 && rig.counters.messages.value == 1)
    }

    @Test func aSnapshotLiftsTheStalenessOfTheGapBeforeIt() throws {
        let rig = try Rig()
        rig.take(sequence: 0, [Self.last(0, 1), Self.last(1, 1)])
        rig.take(sequence: 2, [])
        #expect(rig.quotes()[0].status == .stale)
        #expect(rig.answer(sequence: 2, [Self.last(0, 1)]) == .used(isLast: true))
        let quotes = rig.quotes()
        #expect(quotes[0].status == .ok && quotes[1].status == .stale)
    }

    private static func last(_ instrument: Int, _ price: Double) -> Tick {
        Tick(instrument: UInt32(instrument), fields: .last, last: price)
    }

    @Test func ticksReachTheEngineInOrder() throws {
        let rig = try Rig()
        rig.take(sequence: 0, [Self.last(0, 1), Self.last(1, 2)])
        rig.take(sequence: 1, [Self.last(0, 3)])
        let quotes = rig.quotes()
        #expect(quotes[0].last == 3 && quotes[1].last == 2 && quotes[2].status == .missing)
        #expect(rig.counters.ticks.value == 3 && rig.counters.messages.value == 2)
    }

    @Test func aGapIsCountedAndMakesStaleWhatTickedBeforeIt() throws {
        let rig = try Rig()
        rig.take(sequence: 10, [Self.last(0, 1), Self.last(1, 2)])
        #expect(rig.take(sequence: 14, [Self.last(1, 5)]) == .gap(missing: 3))
        let quotes = rig.quotes()
        #expect(quotes[0].status == .stale && quotes[0].last == 1)
        #expect(quotes[1].status == .ok && quotes[1].last == 5)
        #expect(rig.counters.missing.value == 3)
    }

    @Test func duplicatesAreDroppedWithTheirRefusals() throws {
        let rig = try Rig()
        rig.take(sequence: 5, [Self.last(0, 1)])
        rig.take(sequence: 5, [Self.last(0, 9), Self.last(0, -1)])
        rig.take(sequence: 4, [Self.last(0, 9)])
        #expect(rig.quotes()[0].last == 1)
        #expect(rig.counters.duplicates.value == 2)
        #expect(RejectReason.allCases.allSatisfy { rig.counters.rejected($0).value == 0 })
    }

    @Test func aRestartCountsWhatTheNewRunHadSentBefore() throws {
        let rig = try Rig()
        rig.take(sequence: 9, epoch: 1, [Self.last(0, 1)])
        #expect(rig.take(sequence: 2, epoch: 2, [Self.last(0, 2)]) == .restart(missing: 2))
        #expect(rig.take(sequence: 0, epoch: 3, [Self.last(0, 3)]) == .restart(missing: 0))
        #expect(rig.counters.restarts.value == 2 && rig.counters.missing.value == 2)
    }

    @Test func aFullRingConflatesPerInstrumentAndLosesNoLastPrice() throws {
        let rig = try Rig(ringCapacity: 8)
        for sequence in 0..<50 { rig.take(sequence: UInt64(sequence), [Self.last(sequence % 4, Double(sequence + 1))]) }
        #expect(rig.intake.isConflating)
        let quotes = rig.quotes()
        #expect(quotes.map(\.last) == [49, 50, 47, 48])
        #expect(!rig.intake.isConflating)
        // Four one-tick batches fit; of the 46 others each instrument's last is kept.
        #expect(rig.counters.ticks.value == 50 && rig.counters.conflated.value == 42)
    }

    @Test func conflationKeepsTheLatestOfEachField() throws {
        let rig = try Rig(ringCapacity: 2)
        rig.take(sequence: 0, [Self.last(3, 1)])
        rig.take(sequence: 1, [Tick(instrument: 0, fields: [.bid, .ask], bid: 1, ask: 3)])
        rig.take(sequence: 2, [Self.last(0, 2.5)])
        rig.take(sequence: 3, [Tick(instrument: 0, fields: .bid, bid: 2)])
        #expect(rig.counters.conflated.value == 2)
        #expect(rig.quotes()[0].last == 2.5)
    }

    @Test func aGapDuringConflationStaysBetweenWhatWasBeforeAndAfterIt() throws {
        let rig = try Rig(ringCapacity: 4)
        rig.take(sequence: 0, [Self.last(2, 1), Self.last(3, 1)])
        rig.take(sequence: 1, [Self.last(0, 10), Self.last(1, 20)])
        #expect(rig.intake.isConflating)
        rig.take(sequence: 5, [Self.last(1, 21)])
        let quotes = rig.quotes()
        #expect(quotes[0].status == .stale && quotes[0].last == 10)
        #expect(quotes[1].status == .ok && quotes[1].last == 21)
        #expect(quotes[2].status == .stale)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyTickIsAcceptedRefusedOrADuplicates(seed: UInt64) throws {
        let rig = try Rig(ringCapacity: 32)
        var random = SplitMix64(seed: seed)
        var sent: UInt64 = 0
        var sequence: UInt64 = 0
        rig.take(sequence: sequence, [])
        for _ in 0..<500 {
            let ticks = (0..<random.nextIndex(below: 6) + 1).map { _ in
                Tick(
                    instrument: UInt32(random.nextIndex(below: 4)), fields: .last,
                    status: UInt8(random.nextIndex(below: 6)), last: random.nextUniform() - 0.2)
            }
            sequence += UInt64(random.nextIndex(below: 3) + 1)
            rig.take(sequence: sequence, ticks)
            sent += UInt64(ticks.count)
            if random.nextIndex(below: 10) == 0 { _ = rig.quotes() }
        }
        let refused = RejectReason.allCases.reduce(0) { $0 + rig.counters.rejected($1).value }
        #expect(rig.counters.ticks.value + refused == sent, "seed \(seed)")
        #expect(rig.counters.messages.value + rig.counters.missing.value == sequence + 1, "seed \(seed)")
    }
}
