// SPDX-License-Identifier: Apache-2.0
// Fills at average cost: by hand, and by the conservation of money.

import RiskMath
import RiskSimulation
import Testing

@Suite struct AverageCostTests {
    @Test func fillsOfTheSameSignAverageTheirPrices() {
        var position = AverageCost(quantity: 100, averageCost: 10)
        #expect(position.fill(50, at: 16) == -800)
        #expect(position == AverageCost(quantity: 150, averageCost: 12, realisedPnL: 0))
    }

    @Test func reducingRealisesAndKeepsTheAverageCost() {
        var position = AverageCost(quantity: 150, averageCost: 12)
        #expect(position.fill(-30, at: 15) == 450)
        #expect(position == AverageCost(quantity: 120, averageCost: 12, realisedPnL: 90))
    }

    @Test func whatCrossesZeroOpensAtTheFillPrice() {
        var position = AverageCost(quantity: 120, averageCost: 12, realisedPnL: 90)
        #expect(position.fill(-200, at: 11) == 2_200)
        #expect(position == AverageCost(quantity: -80, averageCost: 11, realisedPnL: -30))
    }

    @Test func shortsRealiseWhenTheyAreBoughtBack() {
        var position = AverageCost(quantity: -80, averageCost: 11, realisedPnL: -30)
        #expect(position.fill(80, at: 9) == -720)
        #expect(position == AverageCost(quantity: 0, averageCost: 11, realisedPnL: 130))
        #expect(position.fill(-3, at: 7) == 21)
        #expect(position == AverageCost(quantity: -3, averageCost: 7, realisedPnL: 130))
    }

    @Test func multiplierAndRateScaleRealisedAndCashButNotTheCost() {
        var position = AverageCost(quantity: -2, averageCost: 20)
        #expect(position.fill(1, at: 18, multiplier: 50, rate: 1.25, fees: -2) == -1_127)
        #expect(position == AverageCost(quantity: -1, averageCost: 20, realisedPnL: 125))
    }

    @Test func fillOfNothingChangesNothing() {
        for before in [AverageCost(quantity: 5, averageCost: 3), AverageCost(averageCost: 4)] {
            var position = before
            #expect(position.fill(0, at: 100) == 0)
            #expect(position == before)
        }
    }

    /// Cash paid and received plus what is held is what was earned: realised + unrealised + fees.
    @Test(arguments: UInt64(1)...50)
    func totalIsRealisedPlusUnrealisedPlusFeesWhateverTheFills(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var position = AverageCost()
        var (cash, fees) = (0.0, 0.0)
        for _ in 0..<200 {
            let fee = -random.nextUniform()
            fees += fee
            cash += position.fill(
                Double(random.nextIndex(below: 41) - 20), at: 50 + 20 * random.nextUniform(), multiplier: 10, fees: fee)
        }
        let price = 60.0
        let worth = MarkToMarket.marketValue(quantity: position.quantity, multiplier: 10, price: price, rate: 1)
        let unrealised = MarkToMarket.unrealisedPnL(
            quantity: position.quantity, averageCost: position.averageCost, multiplier: 10, price: price, rate: 1)
        let total = position.realisedPnL + unrealised + fees
        #expect((cash + worth - total).magnitude < 1e-6, "seed \(seed)")
    }
}
