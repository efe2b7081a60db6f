// SPDX-License-Identifier: Apache-2.0
// Ways between currencies, and rates that are never made up.

import RiskDomain
import RiskMath
import Testing

@Suite struct CurrencyGraphTests {
    private static func pair(_ id: UInt32, _ base: String, _ quote: String) -> Instrument {
        Instrument(
            id: id, symbol: base + quote, name: base + quote, sector: "Currencies", currency: quote,
            kind: .currencyPair(base: base))
    }

    private static let instruments = [
        pair(1, "EUR", "USD"), pair(2, "USD", "JPY"), pair(3, "GBP", "USD"), pair(4, "EUR", "CHF"),
        pair(5, "EUR", "USD"), pair(6, "XAU", "CHF"),
    ]
    private static let prices = [1.1, 150, 1.25, 0.95, 9, 2_000]

    private static func rate(_ from: String, _ to: String, missing: Int? = nil) -> Double? {
        CurrencyGraph(self.instruments).path(from: from, to: to)?.rate { leg in
            leg.instrument == missing ? nil : leg.factor(self.prices[leg.instrument])
        }
    }

    @Test func ratesGoBothWaysAndThroughOtherPairs() {
        #expect(Self.rate("EUR", "USD") == 1.1)
        #expect(Self.rate("USD", "EUR") == 1 / 1.1)
        #expect(isClose(Self.rate("EUR", "JPY"), 165))
        #expect(isClose(Self.rate("GBP", "CHF"), 1.25 / 1.1 * 0.95))
        #expect(isClose(Self.rate("JPY", "CHF"), 1 / 150.0 / 1.1 * 0.95))
        #expect(Self.rate("USD", "USD") == 1)
    }

    @Test func minorUnitsAreHundredths() {
        #expect(isClose(Self.rate("GBX", "GBP"), 0.01))
        #expect(isClose(Self.rate("GBp", "USD"), 0.0125))
        #expect(isClose(Self.rate("USD", "GBX"), 80))
        #expect(Self.rate("GBX", "GBX") == 1)
    }

    @Test func whatHasNoWayOrNoPriceHasNoRate() {
        #expect(Self.rate("USD", "SEK") == nil)
        #expect(Self.rate("EUR", "JPY", missing: 1) == nil)
        // Four pairs away: XAU CHF EUR USD JPY.
        #expect(Self.rate("XAU", "JPY") == nil && Self.rate("XAU", "USD") != nil)
    }

    @Test func everyWayBackIsTheInverse() throws {
        let codes = ["EUR", "USD", "GBP", "CHF", "GBX", "JPY"]
        for from in codes {
            for to in codes {
                let there = try #require(Self.rate(from, to))
                let back = try #require(Self.rate(to, from))
                #expect(isClose(there * back, 1), "\(from) \(to)")
            }
        }
    }

    /// `(1 + r)(1 + r_fx) − 1` by hand: a euro account over a dollar share, the pair quoted the other way.
    @Test func foreignShareCarriesTheRisksOfPriceAndRate() throws {
        let share = Instrument(id: 9, symbol: "AAA", name: "A", sector: "S", currency: "USD")
        let history = ClosingHistory(
            dates: ["2024-01-02", "2024-01-03", "2024-01-04"],
            closes: ["AAA": [100, 110, 99], "EURUSD": [1, 1.25, 1]])
        let account = Account(id: "E", name: "E", currency: "EUR", cash: 0, marginLimit: nil)
        let inputs = RiskInputs(
            instruments: [share, Self.instruments[0]], accounts: [account],
            positions: [Position(account: "E", symbol: "AAA", quantity: 10, averageCost: 100)], history: history,
            stressScenarios: [
                StressScenario(name: "dollar", shocks: [], currencyShocks: ["EUR": 0.25]),
                StressScenario(name: "all", shocks: [StressShock(target: .all, price: -0.1)]),
            ],
            convention: RiskConvention(window: 2, confidences: [5_000]))
        let value = AccountReference.value(of: account, in: inputs, marks: [PriceMark(120), PriceMark(1.2)])
        let pnl = try #require(value.scenarioPnL)
        #expect(isClose(value.totals.marketValue, 1_000))
        #expect(isClose(pnl[0], 1_000 * (1.1 / 1.25 - 1)) && isClose(pnl[1], 1_000 * (0.9 * 1.25 - 1)))
        #expect(isClose(value.stress["dollar"], -200) && isClose(value.stress["all"], -100))
        let without = AccountReference.value(of: account, in: inputs, marks: [PriceMark(120), nil])
        #expect(without.status == .missing && without.totals.marketValue == nil)
        let stale = AccountReference.value(
            of: account, in: inputs, marks: [PriceMark(120), PriceMark(1.2, isStale: true)])
        #expect(stale.status == .stale)
    }
}
