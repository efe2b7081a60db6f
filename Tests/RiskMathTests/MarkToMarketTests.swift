// SPDX-License-Identifier: Apache-2.0
// Prices and day P&L by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct MarkToMarketTests {
    @Test func lastPriceIsUsedAndTheMidOnlyWhileThereWasNone() {
        #expect(PriceMark.price(bid: 10, ask: 12, last: 15) == 15)
        #expect(PriceMark.price(bid: 10, ask: 12, last: nil) == 11)
        #expect(PriceMark.price(bid: 10, ask: nil, last: nil) == nil)
        #expect(PriceMark.price(bid: nil, ask: 12, last: nil) == nil)
    }

    @Test func shortFutureGainsWhenThePriceFalls() {
        #expect(MarkToMarket.marketValue(quantity: -2, multiplier: 50, price: 20, rate: 1.25) == -2_500)
        #expect(
            MarkToMarket.unrealisedPnL(quantity: -2, averageCost: 21, multiplier: 50, price: 20, rate: 1.25) == 125)
    }

    /// Overnight 10 from 100 to 104: 40. Bought 5 at 103: 5. Sold 3 at 106: 6. Fees −1.
    @Test func dayProfitIsOvernightPlusTodaysTradesPlusFees() {
        let day = MarkToMarket.dayPnL(
            overnightQuantity: 10, priorClose: 100,
            trades: [DayTrade(quantity: 5, price: 103), DayTrade(quantity: -3, price: 106)], multiplier: 1, price: 104,
            rate: 1, fees: -1)
        #expect(day == 50)
    }

    @Test func dayProfitScalesWithMultiplierAndRateButNotItsFees() {
        let day = MarkToMarket.dayPnL(
            overnightQuantity: -1, priorClose: 10, trades: [DayTrade(quantity: 1, price: 8)], multiplier: 100, price: 9,
            rate: 0.5, fees: -2)
        #expect(day == 98)
    }

    @Test func worthlessShortIsPositiveZero() {
        let value = MarkToMarket.marketValue(quantity: -5, multiplier: 1, price: 0, rate: 1)
        #expect(value == 0 && value.sign == .plus)
        let unrealised = MarkToMarket.unrealisedPnL(
            quantity: -5, averageCost: 3, multiplier: 1, price: 3, rate: 1)
        #expect(unrealised == 0 && unrealised.sign == .plus)
    }
}
