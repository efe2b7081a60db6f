// SPDX-License-Identifier: Apache-2.0
// The synthetic market: repeatable, quoted sanely, and moving as much as it says.

import RiskDomain
import RiskSimulation
import Testing

@Suite struct SyntheticMarketTests {
    static func ticks(_ source: some TickSource, count: Int) -> [Tick] {
        var source = source
        return (0..<count).compactMap { _ in source.next() }
    }

    @Test(arguments: TickOrder.allCases)
    func sameSeedGivesTheSameTicksAndAnotherSeedOthers(order: TickOrder) {
        let first = Self.ticks(SyntheticMarket(count: 7, seed: 11, order: order), count: 5_000)
        #expect(first == Self.ticks(SyntheticMarket(count: 7, seed: 11, order: order), count: 5_000))
        #expect(first != Self.ticks(SyntheticMarket(count: 7, seed: 12, order: order), count: 5_000))
    }

    @Test func batchesContinueTheSameStreamAsSingleTicks() {
        var market = SyntheticMarket(count: 5, seed: 1, order: .shuffled)
        var batch = [Tick](repeating: Tick(instrument: 0, fields: []), count: 64)
        var batched: [Tick] = []
        for _ in 0..<10 {
            #expect(market.next(into: &batch) == 64)
            batched += batch
        }
        #expect(batched == Self.ticks(SyntheticMarket(count: 5, seed: 1, order: .shuffled), count: 640))
    }

    @Test(arguments: TickOrder.allCases)
    func everyRoundVisitsEveryInstrumentOnce(order: TickOrder) {
        let ticks = Self.ticks(SyntheticMarket(count: 9, seed: 3, order: order), count: 9 * 50)
        let rounds = (0..<50).map { ticks[($0 * 9)..<($0 * 9 + 9)].map(\.instrument) }
        #expect(rounds.allSatisfy { $0.sorted() == Array(0..<9) })
        #expect(Set(rounds).count == (order == .roundRobin ? 1 : 50))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func pricesArePositiveOnTheGridAndInsideTheirQuote(seed: UInt64) {
        for tick in Self.ticks(SyntheticMarket(count: 40, seed: seed, volatilityPerTick: 0.05), count: 80_000) {
            #expect(tick.bid > 0 && tick.bid < tick.last && tick.last < tick.ask, "seed \(seed): \(tick)")
            #expect((tick.last * 10_000).rounded() / 10_000 == tick.last, "seed \(seed): \(tick)")
            #expect(tick.fields == [.bid, .ask, .last] && tick.status == 0 && tick.kind == 0)
        }
    }

    @Test func pricesStayWithinTheirRangeHoweverLongTheRun() {
        let openings = SyntheticInstruments.openingPrices(count: 3, seed: 8)
        for tick in Self.ticks(SyntheticMarket(count: 3, seed: 8, volatilityPerTick: 0.1), count: 300_000) {
            let factor = tick.last / openings[Int(tick.instrument)]
            // One step of at most 0.1·2√3 may lead beyond the edge.
            #expect(factor < SyntheticMarket.rangeFactor * 1.36 && factor > 0.64 / SyntheticMarket.rangeFactor)
        }
    }

    @Test func relativeChangesHaveTheVolatilityAskedFor() {
        let ticks = Self.ticks(SyntheticMarket(count: 1, seed: 5, volatilityPerTick: 0.001), count: 100_000)
        let changes = zip(ticks.dropFirst(), ticks).map { $0.last / $1.last - 1 }
        let mean = changes.reduce(0, +) / Double(changes.count)
        let deviation = (changes.reduce(0) { $0 + $1 * $1 } / Double(changes.count)).squareRoot()
        #expect(mean.magnitude < 2e-5 && (0.00098...0.00102).contains(deviation), "\(mean) \(deviation)")
    }

    @Test func spreadIsTheOneAskedFor() {
        for tick in Self.ticks(SyntheticMarket(count: 20, seed: 6, spreadBasisPoints: 10), count: 1_000) {
            let basisPoints = (tick.ask - tick.bid) / tick.last * 10_000
            #expect((9.8...10.2).contains(basisPoints), "\(tick)")
        }
    }

    @Test func instrumentsAreNumberedFromOneAndDistinct() {
        let instruments = SyntheticMarket(count: 12_345, seed: 1).instruments
        #expect(instruments[0].symbol == "SYN00001" && instruments[12_344].symbol == "SYN12345")
        #expect(instruments.map(\.id) == Array(1...12_345))
        #expect(Set(instruments.map(\.sector)) == Set(SyntheticInstruments.sectors))
    }
}
