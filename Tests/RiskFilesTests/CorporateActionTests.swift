// SPDX-License-Identifier: Apache-2.0
// Properties of corporate actions: splits change no value, dividends move none of the equity.

import RiskDomain
import Testing

@Suite struct CorporateActionTests {
    /// A random share with an option on it, its closes and positions as recorded, and events between the closes.
    private struct Case {
        var book: RecordedBook
        var actions: [CorporateAction]

        static let firstDay = CalendarDay(iso8601: "2020-01-01")!.daysSince1970

        init(seed: UInt64, withDividends: Bool) {
            var random = SeededGenerator(state: seed)
            let count = Int.random(in: 2...40, using: &random)
            let days = (0..<count).map { CalendarDay(daysSince1970: Self.firstDay + 3 * $0) }
            var closes = [Double.random(in: 10...500, using: &random)]
            while closes.count < count {
                closes.append(closes[closes.count - 1] * .random(in: 0.9...1.1, using: &random))
            }
            self.actions = []
            for row in 1..<count where Int.random(in: 0..<3, using: &random) == 0 {
                // Between two closes, or on the day of the later.
                let date = CalendarDay(daysSince1970: days[row].daysSince1970 - Int.random(in: 0...2, using: &random))
                if withDividends, Bool.random(using: &random) {
                    let amount = closes[row - 1] * .random(in: 0.001...0.2, using: &random)
                    self.actions.append(CorporateAction(date: date, symbol: "S", kind: .dividend(amount: amount)))
                } else {
                    let ratios: [Double] = [2, 3, 1.5, 0.1, 0.25]
                    let ratio = ratios.randomElement(using: &random) ?? 2
                    for later in row..<count { closes[later] /= ratio }
                    self.actions.append(CorporateAction(date: date, symbol: "S", kind: .split(ratio: ratio)))
                }
            }
            let terms = OptionTerms(right: .put, strike: 100, expiry: days[0], underlying: "S", volatility: nil)
            // Written down before all events, at the close of the first day.
            let quantity = Double.random(in: -1_000...1_000, using: &random)
            let cost = Double.random(in: 1...500, using: &random)
            self.book = RecordedBook(
                instruments: [
                    Instrument(id: 1, symbol: "S", name: "S", sector: "x", currency: "USD", multiplier: 10),
                    Instrument(id: 2, symbol: "O", name: "O", sector: "x", currency: "USD", kind: .option(terms)),
                ],
                accounts: [Account(id: "A", name: "A", currency: "USD", cash: 0, marginLimit: nil)],
                positions: ["S", "O"].map { symbol in
                    DatedPosition(
                        position: Position(account: "A", symbol: symbol, quantity: quantity, averageCost: cost),
                        asOf: days[0])
                },
                history: ClosingHistory(dates: days.map(\.description), closes: ["S": closes]))
        }
    }

    private func isNear(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) <= 1e-11 * max(1, abs(left), abs(right))
    }

    @Test func splitsChangeNothing() throws {
        for seed in 0..<300 as Range<UInt64> {
            let sample = Case(seed: seed, withDividends: false)
            let outcome = CorporateActions.apply(sample.actions, to: sample.book)
            #expect(outcome.refusals.isEmpty, "seed \(seed)")
            let factor = sample.actions.reduce(1.0) { product, action in
                if case .split(let ratio) = action.kind { product * ratio } else { product }
            }
            let closes = try #require(sample.book.history.closes["S"])
            let adjusted = try #require(outcome.book.history.closes["S"])
            for (old, new) in zip(sample.book.positions, outcome.book.positions) {
                let (old, new) = (old.position, new.position)
                #expect(self.isNear(old.quantity * closes[0], new.quantity * adjusted[0]), "seed \(seed)")
                #expect(
                    self.isNear(
                        (closes[0] - old.averageCost) * old.quantity, (adjusted[0] - new.averageCost) * new.quantity),
                    "seed \(seed)")
            }
            let strike = try #require(outcome.book.instruments[1].option?.strike)
            #expect(self.isNear(strike / adjusted[0], 100 / closes[0]), "seed \(seed)")
            #expect(self.isNear(adjusted[0] * factor, closes[0]) && adjusted.last == closes.last, "seed \(seed)")
            // The market moved by at most a tenth a day: what is left of a return is no split.
            let growth = zip(adjusted.dropFirst(), adjusted).map { $0 / $1 }
            #expect(growth.allSatisfy { (0.899...1.101).contains($0) }, "seed \(seed)")
            #expect(outcome.book.accounts == sample.book.accounts, "seed \(seed)")
        }
    }

    @Test func aDividendMovesValueFromTheShareIntoCashAndKeepsTheEquity() throws {
        for seed in 1_000..<1_300 as Range<UInt64> {
            let sample = Case(seed: seed, withDividends: true)
            guard let first = sample.actions.first(where: { if case .dividend = $0.kind { true } else { false } }),
                case .dividend(let amount) = first.kind
            else { continue }
            let outcome = CorporateActions.apply([first], to: sample.book)
            #expect(outcome.refusals.isEmpty, "seed \(seed)")
            let row = try #require(sample.book.history.dates.lastIndex { $0 < first.date.description })
            let close = try #require(sample.book.history.closes["S"]?[row])
            let adjusted = try #require(outcome.book.history.closes["S"]?[row])
            #expect(self.isNear(adjusted, close - amount), "seed \(seed)")
            let quantity = outcome.book.positions[0].position.quantity
            #expect(
                self.isNear(quantity * 10 * adjusted + outcome.book.accounts[0].cash, quantity * 10 * close),
                "seed \(seed)")
        }
    }

    @Test func applyingOneByOneByDateIsApplyingAll() throws {
        for seed in 2_000..<2_200 as Range<UInt64> {
            let sample = Case(seed: seed, withDividends: true)
            var random = SeededGenerator(state: seed)
            let atOnce = CorporateActions.apply(sample.actions.shuffled(using: &random), to: sample.book)
            let inTurn = sample.actions.reduce(sample.book) { CorporateActions.apply([$1], to: $0).book }
            #expect(atOnce.book == inTurn && atOnce.refusals.isEmpty, "seed \(seed)")
        }
    }

    @Test func thePublishedExampleOfAnAdjustedCloseIsReproduced() throws {
        // Yahoo Finance, "What is the adjusted close?": 1 − 0.08 / 24.96 = 0.9968 for closes before the dividend.
        let day = try #require(CalendarDay(iso8601: "2003-02-13"))
        let book = RecordedBook(
            instruments: [], accounts: [], positions: [],
            history: ClosingHistory(
                dates: ["2003-02-11", "2003-02-12", "2003-02-13"], closes: ["S": [25, 24.96, 24.9]]))
        let dividend = CorporateAction(date: day, symbol: "S", kind: .dividend(amount: 0.08))
        let closes = try #require(CorporateActions.apply([dividend], to: book).book.history.closes["S"])
        #expect(abs(closes[0] / 25 - 0.9968) < 0.00005 && abs(closes[1] - 24.88) < 1e-12 && closes[2] == 24.9)
    }
}
