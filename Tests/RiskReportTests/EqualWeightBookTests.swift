// SPDX-License-Identifier: Apache-2.0
// Books of equal weights over a history.

import RiskDomain
import RiskReport
import Testing

@Suite struct EqualWeightBookTests {
    private static let history = ClosingHistory(
        dates: BacktestMarket.dates(2),
        closes: ["A": [1, 2], "B": [1, 4], "C": [1, 5], "D": [.nan, 8], "E": [0, 8]])

    private static func values(_ side: EqualWeightBook.Side) throws -> [Double] {
        let book = try #require(EqualWeightBook(of: self.history, side: side, currency: "USD"))
        return zip(book.positions, [2.0, 4, 5]).map { $0.quantity * $1 }
    }

    @Test func everySymbolHasTheSameAmount() throws {
        let third = EqualWeightBook.amount / 3
        #expect(try Self.values(.long).allSatisfy { ($0 - third).magnitude < 1e-6 })
        #expect(try Self.values(.short).allSatisfy { ($0 + third).magnitude < 1e-6 })
    }

    @Test func neutralBooksAreLongAndShortByTurnsAndSumToNothing() throws {
        let values = try Self.values(.neutral)
        #expect(values[0] > 0 && values[1] < 0 && values[2] > 0)
        #expect(values.reduce(0, +).magnitude < 1e-6)
        #expect((values.reduce(0) { $0 + $1.magnitude } - EqualWeightBook.amount).magnitude < 1e-6)
    }

    @Test func symbolsWithoutEveryCloseAreLeftOut() throws {
        let book = try #require(EqualWeightBook(of: Self.history, side: .long, currency: "USD"))
        #expect(book.incomplete == ["D", "E"] && book.instruments.map(\.symbol) == ["A", "B", "C"])
        let one = ClosingHistory(dates: ["2001-01-01"], closes: ["A": [1], "B": [.nan]])
        #expect(EqualWeightBook(of: one, side: .neutral, currency: "USD") == nil)
        let none = ClosingHistory(dates: ["2001-01-01"], closes: ["B": [.nan]])
        #expect(EqualWeightBook(of: none, side: .long, currency: "USD") == nil)
    }
}
