// SPDX-License-Identifier: Apache-2.0
// The synthetic book: the size asked for, every mix in it, and consistent with the synthetic market.

import RiskDomain
import RiskSimulation
import Testing

@Suite struct SyntheticBookTests {
    static let book = SyntheticBook(
        instruments: 30, accounts: 9, positionsPerAccount: 8, scenarios: 250, seed: 4, instrumentsWithoutHistory: 4,
        accountsWithoutLimit: 2)

    @Test func sizesAreThoseAskedFor() {
        let inputs = Self.book.makeInputs()
        #expect(inputs.instruments.count == 30 && inputs.accounts.count == 9 && inputs.positions.count == 72)
        #expect(inputs.scenarios.count == 250 && inputs.convention.window == 250 && inputs.history.dates.count == 251)
        #expect(inputs.scenarios.rows.map { $0 == nil } == (0..<30).map { $0 >= 26 })
        #expect(inputs.accounts.map { $0.marginLimit == nil } == (0..<9).map { $0 >= 7 })
        #expect(inputs.accounts.map(\.id) == (1...9).map { "ACC0000\($0)" })
    }

    @Test func sameSeedGivesTheSameBookAndAnotherSeedAnother() {
        func parts(_ seed: UInt64) -> ([Account], [Position], [[Double]?]) {
            var book = Self.book
            book.seed = seed
            let inputs = book.makeInputs()
            return (inputs.accounts, inputs.positions, inputs.scenarios.rows)
        }
        #expect(parts(4) == parts(4))
        #expect(parts(4).1 != parts(5).1 && parts(4).2 != parts(5).2)
    }

    @Test func accountsAreLongShortAndNeutralInTurnOverDistinctInstruments() {
        let inputs = Self.book.makeInputs()
        for (index, account) in inputs.accounts.enumerated() {
            let own = inputs.positions.filter { $0.account == account.id }
            #expect(Set(own.map(\.symbol)).count == 8)
            let longs = own.count { $0.quantity > 0 }
            #expect(longs == [8, 0, 4][index % 3] && own.allSatisfy { $0.quantity != 0 && $0.averageCost > 0 })
        }
    }

    @Test func historyEndsWhereTheMarketOfTheSameSeedOpens() {
        let inputs = Self.book.makeInputs()
        let openings = SyntheticInstruments.openingPrices(count: 30, seed: 4)
        for (index, instrument) in inputs.instruments.prefix(26).enumerated() {
            #expect(inputs.history.lastClose(of: instrument.symbol) == openings[index])
        }
        var market = SyntheticMarket(count: 30, seed: 4)
        #expect((market.nextTick().last / openings[0] - 1).magnitude < 0.001)
    }

    @Test func datesAreAscendingWeekdaysAcrossYearsAndLeapDays() {
        let dates = SyntheticBook(
            instruments: 1, accounts: 0, positionsPerAccount: 0, scenarios: 1_400, seed: 1
        ).makeInputs().history.dates
        #expect(dates == dates.sorted() && Set(dates).count == 1_401)
        #expect(
            dates.prefix(6) == ["2000-01-03", "2000-01-04", "2000-01-05", "2000-01-06", "2000-01-07", "2000-01-10"])
        #expect(dates.contains("2000-02-29") && dates.contains("2004-02-27") && !dates.contains("2001-02-29"))
        // 1,400 weekdays are 280 weeks: Monday, 16 May 2005.
        #expect(dates.last == "2005-05-16")
    }

    @Test func returnsHaveTheVolatilityOfShares() {
        let rows = Self.book.makeInputs().scenarios.rows.compactMap { $0 }
        for row in rows {
            let deviation = (row.reduce(0) { $0 + $1 * $1 } / Double(row.count)).squareRoot()
            #expect((0.010...0.022).contains(deviation), "\(deviation)")
        }
    }

    @Test func smallestBookIsAnEmptyOne() {
        let inputs = SyntheticBook(
            instruments: 1, accounts: 1, positionsPerAccount: 0, scenarios: 0, seed: 1
        ).makeInputs()
        #expect(inputs.positions.isEmpty && inputs.scenarios.count == 0 && inputs.history.dates.count == 1)
    }
}
