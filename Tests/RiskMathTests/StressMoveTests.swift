// SPDX-License-Identifier: Apache-2.0
// What a stress scenario does to which instrument.

import RiskDomain
import Testing

@Suite struct StressMoveTests {
    private static let share = Instrument(
        id: 1, symbol: "AAA", name: "A", sector: "Energy", currency: "USD", tags: ["oil"])
    private static let pair = Instrument(
        id: 2, symbol: "EURUSD", name: "E", sector: "Currencies", currency: "USD", kind: .currencyPair(base: "EUR"))
    private static let option = Instrument(
        id: 3, symbol: "AAA-C", name: "O", sector: "Energy", currency: "USD",
        kind: .option(
            OptionTerms(
                right: .call, strike: 10, expiry: CalendarDay(iso8601: "2030-01-01")!, underlying: "AAA",
                volatility: 0.2)))
    private static let proxied = Instrument(
        id: 4, symbol: "NEW", name: "N", sector: "Energy", currency: "USD",
        proxy: HistoryProxy(symbol: "AAA", beta: 2))
    private static let instruments = [share, pair, option, proxied]
    private static let history = ClosingHistory(
        dates: ["2024-01-02", "2024-01-04", "2024-01-05"],
        closes: ["AAA": [100, 80, 90], "EURUSD": [1, 1.1, 1.2]])

    private static func moves(_ scenario: StressScenario) -> [StressMove] {
        scenario.moves(of: Self.instruments, history: Self.history)
    }

    @Test func aFallOfAllPricesIsNoneOfACurrency() {
        let moves = Self.moves(StressScenario(name: "s", shocks: [StressShock(target: .all, price: -0.1)]))
        #expect(moves.map(\.relative) == [-0.1, 0, -0.1, -0.1])
    }

    @Test func pairsMoveByCurrencyAndByName() {
        let down = Self.moves(StressScenario(name: "s", shocks: [], currencyShocks: ["EUR": -0.5, "USD": 0.25]))
        #expect(isClose(down[1].relative, 0.5 / 1.25 - 1) && down[0].relative == 0)
        let named = StressScenario(
            name: "s", shocks: [StressShock(target: .instrument("EURUSD"), price: 0.25)],
            currencyShocks: ["EUR": -0.5])
        #expect(Self.moves(named)[1].relative == 0.25)
        let path = RatePath(legs: [RateLeg(instrument: 1, isInverted: true)])
        #expect(isClose(path.shock(Self.moves(named)), 1 / 1.25 - 1))
    }

    @Test func replaysTakeTheLastCloseOnOrBeforeTheirDays() {
        let scenario = StressScenario(
            name: "s", shocks: [StressShock(target: .tag("oil"), price: 0.5)],
            replay: .init(from: "2024-01-03", to: "2024-01-05"))
        let moves = Self.moves(scenario)
        #expect(moves[0].relative == 0.5)
        #expect(isClose(moves[1].relative, 0.2))
        #expect(isClose(moves[3].relative, 2 * (0.9 - 1)))
        #expect(scenario.unreached(among: Self.instruments, history: Self.history) == [])
        let elsewhere = StressScenario(name: "s", shocks: [], replay: .init(from: "2023-01-01", to: "2024-01-05"))
        #expect(Self.moves(elsewhere).allSatisfy { $0 == StressMove() })
        #expect(elsewhere.unreached(among: Self.instruments, history: Self.history) == ["AAA", "EURUSD", "NEW"])
    }

    @Test func theMostSpecificShockWins() {
        let scenario = StressScenario(
            name: "s",
            shocks: [
                StressShock(target: .all, price: -0.1), StressShock(target: .sector("Energy"), price: -0.2),
                StressShock(target: .tag("oil"), price: -0.3),
                StressShock(target: .underlying("AAA"), price: -0.4, volatilityPoints: 5),
            ])
        #expect(Self.moves(scenario).map(\.relative) == [-0.4, 0, -0.4, -0.2])
        #expect(!scenario.isAimed(at: Self.option))
        #expect(scenario.volatilityMove(of: Self.option, on: Self.share) == 0.05)
        let named = StressScenario(name: "s", shocks: [StressShock(target: .instrument("AAA-C"), price: -0.5)])
        #expect(named.isAimed(at: Self.option) && Self.moves(named)[2].price(from: 4) == 2)
    }
}
