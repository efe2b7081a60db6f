// SPDX-License-Identifier: Apache-2.0
// Day P&L of positions traded today, closed ones too, by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct TradedDayTests {
    private static let instrument = Instrument(
        id: 1, symbol: "AAA", name: "AAA", sector: "S", currency: "USD", multiplier: 2)

    private static func value(
        quantity: Double, day: PositionDay?, price: Double?, priorClose: Double? = 10
    ) -> PositionValuation {
        MarkToMarket.value(
            of: Position(account: "A", symbol: "AAA", quantity: quantity, averageCost: 9, realised: 4, day: day),
            instrument: Self.instrument, mark: price.map { PriceMark($0) }, priorClose: priorClose,
            rate: PriceMark(1.5))
    }

    @Test func theDayFromSumsIsTheDayFromTrades() {
        let trades = [DayTrade(quantity: 5, price: 103), DayTrade(quantity: -3, price: 106)]
        let day = PositionDay(
            overnightQuantity: 10, tradedQuantity: trades.reduce(0) { $0 + $1.quantity },
            tradedCost: trades.reduce(0) { $0 + $1.quantity * $1.price })
        for price in [90.0, 104, 250] {
            #expect(
                MarkToMarket.dayPnL(day, priorClose: 100, multiplier: 4, price: price, rate: 0.5)
                    == MarkToMarket.dayPnL(
                        overnightQuantity: 10, priorClose: 100, trades: trades, multiplier: 4, price: price, rate: 0.5))
        }
    }

    /// Ten carried at 10, sold at 12: two each on ten, times multiplier 2 and rate 1.5, whatever the price is now.
    @Test func whatWasClosedTodayKeepsItsDay() {
        let closed = PositionDay(overnightQuantity: 10, tradedQuantity: -10, tradedCost: -120)
        let valuation = Self.value(quantity: 0, day: closed, price: 50)
        #expect(valuation.dayPnL == 60 && valuation.marketValue == 0 && valuation.unrealisedPnL == 0)
        let totals = MarkToMarket.totals(
            cash: 0, ledger: AccountLedger(realised: 9, fees: -5, dayFees: -1), positions: [valuation])
        #expect(totals.dayPnL == 59 && totals.realisedPnL == 9 && totals.fees == -5 && totals.totalPnL == 4)
        #expect(MarkToMarket.status(of: [valuation]) == .ok)
    }

    @Test func whatWasClosedTodayAndHasNoPriceLeavesTheDayWithoutIt() {
        let closed = PositionDay(overnightQuantity: 0, tradedQuantity: 0, tradedCost: -30)
        let missing = Self.value(quantity: 0, day: closed, price: nil)
        #expect(MarkToMarket.status(of: [missing]) == .partial)
        let totals = MarkToMarket.totals(cash: 5, positions: [missing])
        #expect(totals.dayPnL == nil && totals.marketValue == 0 && totals.equity == 5)
        let held = Self.value(quantity: 1, day: nil, price: 11)
        #expect(MarkToMarket.totals(cash: 0, positions: [missing, held]).dayPnL == 3)
        let withoutClose = Self.value(quantity: 0, day: closed, price: 11, priorClose: nil)
        #expect(MarkToMarket.status(of: [withoutClose, held]) == .partial)
    }

    @Test func whatWasClosedBeforeTodayIsNoPartOfTheDay() {
        let old = Self.value(quantity: 0, day: .nothing, price: nil)
        #expect(MarkToMarket.status(of: [old]) == .ok && MarkToMarket.totals(cash: 0, positions: [old]).dayPnL == 0)
        #expect(old.realisedPnL == 4)
    }
}
