// SPDX-License-Identifier: Apache-2.0
// The replay of closes: every close exactly hit, everything between plausible, gaps respected.

import RiskDomain
import RiskSimulation
import Testing

@Suite struct ClosingBridgeTests {
    static let inputs = SyntheticBook(
        instruments: 6, accounts: 0, positionsPerAccount: 0, scenarios: 40, seed: 21
    ).makeInputs()

    static func bridge(
        ticksPerDay: Int = 10, seed: UInt64 = 1, order: TickOrder = .roundRobin, end: ClosingBridge.End = .stop,
        dailyVolatility: Double? = nil
    ) -> ClosingBridge {
        ClosingBridge(
            history: self.inputs.history, instruments: self.inputs.instruments, ticksPerDay: ticksPerDay, seed: seed,
            order: order, end: end, dailyVolatility: dailyVolatility)
    }

    static func all(_ bridge: ClosingBridge, atMost limit: Int = 100_000) -> [Tick] {
        var bridge = bridge
        var ticks: [Tick] = []
        while ticks.count < limit, let tick = bridge.next() { ticks.append(tick) }
        return ticks
    }

    @Test(arguments: TickOrder.allCases, [1, 2, 10])
    func lastTickOfEveryDayIsExactlyTheClose(order: TickOrder, ticksPerDay: Int) throws {
        let ticks = Self.all(Self.bridge(ticksPerDay: ticksPerDay, order: order))
        #expect(ticks.count == 41 * 6 * ticksPerDay)
        for (index, instrument) in Self.inputs.instruments.enumerated() {
            let own = ticks.filter { Int($0.instrument) == index }
            let ends = stride(from: ticksPerDay - 1, to: own.count, by: ticksPerDay).map { own[$0].last }
            #expect(ends == Self.inputs.history.closes[instrument.symbol])
        }
    }

    @Test(arguments: TickOrder.allCases)
    func sameSeedGivesTheSameTicksAndAnotherSeedOthers(order: TickOrder) {
        let first = Self.all(Self.bridge(order: order))
        #expect(first == Self.all(Self.bridge(order: order)))
        #expect(first != Self.all(Self.bridge(seed: 2, order: order)))
    }

    @Test func quotesArePositiveAndSurroundTheLastPriceOnTheGrid() {
        for tick in Self.all(Self.bridge(dailyVolatility: 0.5)) {
            #expect(tick.bid > 0 && tick.bid < tick.last && tick.last < tick.ask, "\(tick)")
            #expect((tick.last * 10_000).rounded() / 10_000 == tick.last, "\(tick)")
        }
    }

    @Test func restartGivesTheFirstDayAgainAndStopEnds() {
        let once = Self.all(Self.bridge())
        let twice = Self.all(Self.bridge(end: .restart), atMost: 2 * once.count)
        #expect(twice.count == 2 * once.count && Array(twice.prefix(once.count)) == once)
        let closes = { (ticks: ArraySlice<Tick>) in ticks.prefix(60).suffix(6).map(\.last) }
        #expect(closes(twice[once.count...]) == closes(once[...]))
        var ended = Self.bridge(ticksPerDay: 1)
        var batch = [Tick](repeating: Tick(instrument: 0, fields: []), count: 200)
        #expect([200, 46, 0].map { _ in ended.next(into: &batch) } == [200, 46, 0])
        #expect(ended.day == 40)
    }

    /// Over a day of flat closes a bridge of volatility σ has the deviation σ/2 at noon.
    @Test func middleOfTheDayHasTheDeviationOfABrownianBridge() {
        let days = 4_000
        let history = ClosingHistory(
            dates: (0..<days).map { "\(10_000 + $0)" }, closes: ["SYN00001": [Double](repeating: 100, count: days)])
        let bridge = ClosingBridge(
            history: history, instruments: SyntheticInstruments.make(count: 1), ticksPerDay: 8, seed: 5, end: .stop,
            dailyVolatility: 0.02)
        let noons = stride(from: 3, to: days * 8, by: 8)
        let ticks = Self.all(bridge)
        let moves = noons.map { ticks[$0].last / 100 - 1 }
        let mean = moves.reduce(0, +) / Double(days)
        let deviation = (moves.reduce(0) { $0 + $1 * $1 } / Double(days)).squareRoot()
        #expect(mean.magnitude < 0.0006 && (0.0095...0.0105).contains(deviation), "\(mean) \(deviation)")
    }

    @Test func quietHistoryGivesAQuietDayUnlessToldOtherwise() {
        let flat = ClosingHistory(
            dates: (10..<40).map { "2024-01-\($0)" }, closes: ["SYN00001": [Double](repeating: 50, count: 30)])
        let instruments = SyntheticInstruments.make(count: 1)
        let quiet = ClosingBridge(history: flat, instruments: instruments, ticksPerDay: 5, seed: 1, end: .stop)
        #expect(Self.all(quiet).allSatisfy { $0.last == 50 })
        let short = ClosingHistory(dates: ["2024-01-02", "2024-01-03"], closes: ["SYN00001": [50, 50]])
        let unknown = ClosingBridge(history: short, instruments: instruments, ticksPerDay: 5, seed: 1, end: .stop)
        #expect(Self.all(unknown).contains { $0.last != 50 })
    }

    @Test func daysWithoutAUsableCloseHaveNoTicks() {
        let history = ClosingHistory(
            dates: ["1", "2", "3"],
            closes: ["SYN00001": [10, .nan, 12], "SYN00002": [-1, 0, 5], "SYN00003": [.nan, .infinity, 2e12]])
        let bridge = ClosingBridge(
            history: history, instruments: SyntheticInstruments.make(count: 4), ticksPerDay: 2, seed: 1, end: .stop)
        let ticks = Self.all(bridge)
        #expect(ticks.map(\.instrument) == [0, 0, 0, 1, 0, 1])
        #expect([1, 4, 5].map { ticks[$0].last } == [10, 12, 5])
    }

    @Test func historyWithNothingToReplayEndsAtOnce() {
        let instruments = SyntheticInstruments.make(count: 2)
        for history in [
            ClosingHistory(dates: [], closes: [:]), ClosingHistory(dates: ["1"], closes: ["SYN00001": [.nan]]),
        ] {
            var bridge = ClosingBridge(history: history, instruments: instruments, ticksPerDay: 3, seed: 1)
            #expect(bridge.next() == nil && bridge.next() == nil)
        }
    }

    @Test func extremeClosesAreQuotedWithinWhatTheWireAccepts() {
        let closes = [1e-300, 1e-12, 0.00005, 0.0001, 1, 1e12]
        let history = ClosingHistory(dates: closes.indices.map { "\($0)" }, closes: ["SYN00001": closes])
        for decimals in [0, 4, 9] {
            var instrument = SyntheticInstruments.make(count: 1)[0]
            instrument.priceDecimals = decimals
            let bridge = ClosingBridge(
                history: history, instruments: [instrument], ticksPerDay: 4, seed: 9, end: .stop, dailyVolatility: 3)
            let ticks = Self.all(bridge)
            #expect(stride(from: 3, to: 24, by: 4).map { ticks[$0].last } == closes)
            for tick in ticks {
                let prices = [tick.bid, tick.last, tick.ask]
                #expect(prices.allSatisfy { $0 > 0 && $0 <= Tick.priceLimit } && prices == prices.sorted(), "\(tick)")
            }
        }
    }
}
