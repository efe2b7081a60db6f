// SPDX-License-Identifier: Apache-2.0
// Instruments that come, go and move while ticks are on their way: every price is on its own row, none is lost.

import RiskDomain
import RiskKernel
import RiskSimulation
import Testing
import TickFeed
import TickIngest

struct DirectoryChangeTests {
    private static let rounds = 3_000

    /// Feeds whose rings one engine after the other drains, and what each symbol's last price must be.
    private struct Desk {
        static let all = SyntheticInstruments.make(count: 12)

        var engine: EngineBook
        let rings: [TickRing]
        let counters: [FeedCounters]
        var intakes: [FeedIntake]
        /// What each feed counts by.
        var directories: [InstrumentDirectory]
        var sequences: [UInt64]
        var lastPrice: [String: Double] = [:]
        private var lastShown: [String: Double] = [:]
        var refused = 0
        var now: UInt64 = 1_000_000_000_000

        init(feeds: Int, ringCapacity: Int) throws {
            let inputs = Self.inputs(Self.all)
            let rings = (0..<feeds).map { _ in TickRing(capacity: ringCapacity)! }
            let counters = rings.map { _ in FeedCounters() }
            self.rings = rings
            self.counters = counters
            self.engine = try EngineBook(inputs: inputs, rings: rings, tier: KernelTier(named: nil))
            self.intakes = zip(rings, counters).map {
                FeedIntake(ring: $0, counters: $1, directory: inputs.directory)
            }
            self.directories = rings.map { _ in inputs.directory }
            self.sequences = rings.map { _ in 0 }
        }

        static func inputs(_ instruments: [Instrument]) -> RiskInputs {
            RiskInputs(
                instruments: instruments, accounts: [], positions: [],
                history: ClosingHistory(dates: [], closes: [:]), stressScenarios: [], convention: RiskConvention())
        }

        mutating func tick(feed: Int, _ random: inout SplitMix64) {
            let instrument = Self.all[random.nextIndex(below: Self.all.count)]
            let price = 1 + Double(random.nextIndex(below: 1_000_000)) / 100
            var encoder = TickEncoder(ids: [instrument.id])
            let message = encoder.encode(
                epoch: 1, sequence: self.sequences[feed], sentNanoseconds: 77,
                ticks: [Tick(instrument: 0, fields: .last, last: price)])
            self.sequences[feed] += 1
            _ = message.withUnsafeBytes { self.intakes[feed].take($0, receivedNanoseconds: 5) }
            guard self.directories[feed].index(ofSymbol: instrument.symbol) != nil else {
                self.refused += 1
                return
            }
            // What the engine does not have any more, the feed may still send.
            if self.engine.inputs.directory.index(ofSymbol: instrument.symbol) != nil {
                self.lastPrice[instrument.symbol] = price
            }
        }

        /// Another engine takes over; feeds follow later.
        mutating func change(_ random: inout SplitMix64) throws {
            var instruments = Self.all.filter { _ in random.nextIndex(below: 4) > 0 }
            for index in instruments.indices.dropFirst() {
                instruments.swapAt(index, random.nextIndex(below: index + 1))
            }
            let next = try self.engine.rebuilt(
                with: Self.inputs(instruments), scenarioSet: self.engine.scenarioSet + 1)
            next.engine.adopt(self.engine.engine)
            self.engine = next
            self.lastPrice = self.lastPrice.filter { next.inputs.directory.index(ofSymbol: $0.key) != nil }
        }

        mutating func follow(feed: Int) {
            self.directories[feed] = self.engine.inputs.directory
            self.intakes[feed].follow(self.engine.inputs.directory, number: self.engine.directoryNumber)
        }

        mutating func drain(limit: Int) {
            self.now += 1_000
            _ = self.engine.engine.drain(limit: limit, nowNanoseconds: self.now)
        }

        /// Until everything is where it counts.
        mutating func settle() {
            for feed in self.intakes.indices { self.follow(feed: feed) }
            repeat { self.drain(limit: 1_000) } while self.flush() || self.engine.engine.hasInput
        }

        private mutating func flush() -> Bool {
            var isWaiting = false
            for feed in self.intakes.indices { isWaiting = !self.intakes[feed].flush() || isWaiting }
            return isWaiting
        }

        mutating func shown() -> [String: Double] {
            self.now += 1_000_000_000
            _ = self.engine.engine.cut(nowNanoseconds: self.now, wallNanoseconds: self.now)
            // What was not cut again is what it was.
            guard let view = self.engine.engine.marketPort.take() else { return self.lastShown }
            let pairs = zip(self.engine.inputs.instruments.map(\.symbol), view.rows(QuoteColumn.last))
            self.lastShown = Dictionary(uniqueKeysWithValues: pairs.filter { !$1.isNaN })
            return self.lastShown
        }
    }

    /// One feed, so that the last price sent is the last there is.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func everyPriceStaysWithItsSymbol(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        // Smaller than what comes between two drains: ticks, gaps and the change itself wait and conflate.
        var desk = try Desk(feeds: 1, ringCapacity: 16)
        var changes = 0
        for _ in 0..<Self.rounds {
            switch random.nextIndex(below: 20) {
            case 0 where !desk.engine.engine.isTranslating:
                try desk.change(&random)
                changes += 1
            case 1, 2: desk.follow(feed: 0)
            case 3, 4, 5: desk.drain(limit: random.nextIndex(below: 12))
            case 6:
                desk.settle()
                #expect(desk.shown() == desk.lastPrice)
            default: desk.tick(feed: 0, &random)
            }
        }
        desk.settle()
        #expect(desk.shown() == desk.lastPrice && !desk.engine.engine.isTranslating)
        #expect(changes > 20 && desk.refused > 0)
        #expect(desk.counters[0].rejected(.unknownInstrument).value == UInt64(desk.refused))
    }

    @Test func anEngineTranslatesUntilTheLastFeedHasChangedOver() throws {
        var desk = try Desk(feeds: 3, ringCapacity: 64)
        var random = SplitMix64(seed: 7)
        try desk.change(&random)
        for feed in 0..<3 {
            #expect(desk.engine.engine.isTranslating)
            desk.follow(feed: feed)
            desk.drain(limit: 100)
        }
        #expect(!desk.engine.engine.isTranslating)
    }

    @Test func aNumberThatWasOvertakenChangesNothing() throws {
        var desk = try Desk(feeds: 1, ringCapacity: 64)
        var random = SplitMix64(seed: 8)
        try desk.change(&random)
        #expect(desk.rings[0].pushDirectory(0))
        desk.drain(limit: 100)
        #expect(desk.engine.engine.isTranslating)
    }
}
