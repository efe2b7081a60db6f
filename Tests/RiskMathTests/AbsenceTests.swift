// SPDX-License-Identifier: Apache-2.0
// What an account shows when prices, rates, closes or history are missing: absent, never 0, and its status says so.

import RiskDomain
import RiskMath
import Testing

@Suite struct AbsenceTests {
    static func value(_ positions: [Position], marks: [PriceMark?], history: ClosingHistory = HandBook.history)
        -> AccountValuation
    {
        AccountReference.value(
            of: HandBook.alpha, in: HandBook.inputs(positions: positions, history: history), marks: marks)
    }

    static func position(_ symbol: String, _ quantity: Double = 1) -> Position {
        Position(account: "ALPHA", symbol: symbol, quantity: quantity, averageCost: 10)
    }

    @Test func accountWithoutAnyPriceIsMissingAndShowsOnlyWhatNeedsNoPrice() {
        let value = HandBook.alphaValue(HandBook.noMarks, level: .critical)
        #expect(value.status == .missing)
        #expect(
            value.totals
                == ValuationTotals(
                    cash: 10_000, marketValue: nil, grossExposure: nil, unrealisedPnL: nil, realisedPnL: 0, fees: 0,
                    dayPnL: nil))
        #expect(value.totals.equity == nil && value.totals.totalPnL == nil && value.totals.netExposure == nil)
        #expect(value.risk.valueAtRisk.isEmpty && value.risk.expectedShortfall.isEmpty && value.scenarioPnL == nil)
        #expect(value.risk.coverage.percent == nil && value.risk.coverage.excluded == ["AAA", "FUT", "NEW"])
        #expect(value.stress.isEmpty)
        #expect(value.margin.used == nil && value.margin.utilisationPercent == nil && value.margin.limit == 600)
        #expect(value.margin.level == .unknown)
        #expect(value.sectors["Energy"] == SectorExposure(net: nil, gross: nil))
        #expect(value.positions.allSatisfy { $0.status == .missing && $0.marketValue == nil && $0.price == nil })
    }

    @Test func statusesOfAnAccountAreThoseOfItsHeldPositions() {
        let priced = PriceMark(10)
        let old = PriceMark(10, isStale: true)
        let pair = [Self.position("AAA"), Self.position("FUT")]
        #expect(Self.value(pair, marks: [priced, priced, nil, nil]).status == .ok)
        #expect(Self.value(pair, marks: [priced, old, nil, nil]).status == .stale)
        #expect(Self.value(pair, marks: [old, nil, nil, nil]).status == .partial)
        #expect(Self.value(pair, marks: HandBook.noMarks).status == .missing)
    }

    @Test func totalsSumThePricedPositionsOfAPartialAccount() {
        let value = HandBook.alphaValue([nil, PriceMark(20), nil, nil])
        #expect(value.status == .partial)
        #expect(value.totals.marketValue == -2_000 && value.totals.equity == 8_000)
        #expect(isClose(value.totals.dayPnL, 90))
        #expect(value.risk.coverage.percent == 100 && value.risk.coverage.excluded == ["AAA", "NEW"])
        #expect(value.sectors["Technology"] == SectorExposure(net: nil, gross: nil))
        #expect(value.margin.used == 200)
    }

    @Test func withoutPriorCloseTheDayIsAbsentAndTheAccountPartial() {
        let value = Self.value([Self.position("NEW")], marks: [nil, nil, PriceMark(50), nil])
        #expect(value.status == .partial && value.positions[0].status == .ok)
        #expect(value.totals.dayPnL == nil && value.totals.marketValue == 50)
    }

    @Test func withoutHistoryThereIsNoRiskFigureButStress() {
        let value = Self.value([Self.position("NEW")], marks: [nil, nil, PriceMark(50), nil])
        #expect(value.risk.valueAtRisk.isEmpty && value.risk.expectedShortfall.isEmpty && value.scenarioPnL == nil)
        #expect(value.risk.coverage.percent == 0 && value.risk.coverage.excluded == ["NEW"])
        #expect(isClose(value.stress["market_crash_10pct"], -5))
    }

    @Test func historyOfOneRowGivesPriorClosesAndNoRisk() {
        let history = ClosingHistory(dates: ["2024-01-02"], closes: ["AAA": [100]])
        let value = Self.value([Self.position("AAA")], marks: HandBook.marks, history: history)
        #expect(value.risk.window == 0 && value.risk.valueAtRisk.isEmpty)
        #expect(value.totals.dayPnL == 10 && value.status == .ok)
    }

    @Test func closedPositionsCountForNothing() {
        let value = Self.value(
            [Self.position("NEW", 0), Self.position("AAA")], marks: [PriceMark(100), nil, nil, nil])
        #expect(value.status == .ok && value.risk.coverage.excluded.isEmpty && value.risk.coverage.percent == 100)
        #expect(value.positions[0].status == .missing && value.positions[0].marketValue == nil)
        let closed = Self.value([Self.position("NEW", 0)], marks: HandBook.noMarks)
        #expect(closed.status == .ok && closed.totals.marketValue == 0 && closed.totals.dayPnL == 0)
        #expect(closed.risk.valueAtRisk[9_500] == 0 && closed.risk.coverage.percent == 100)
        #expect(closed.sectors["Technology"] == SectorExposure(net: 0, gross: 0))
    }

    @Test func positionInAnotherCurrencyHasAPriceButNoValue() {
        let value = Self.value([Self.position("EUX"), Self.position("AAA")], marks: HandBook.marks)
        #expect(value.status == .partial)
        #expect(value.positions[0].status == .missing && value.positions[0].price == 11)
        #expect(value.positions[0].marketValue == nil && value.totals.marketValue == 110)
        #expect(value.risk.coverage.excluded == ["EUX"])
    }

    @Test func bookWorthNothingIsFullyCovered() {
        let value = Self.value([Self.position("AAA")], marks: [PriceMark(0), nil, nil, nil])
        #expect(value.risk.coverage.percent == 100 && value.totals.grossExposure == 0)
    }
}
