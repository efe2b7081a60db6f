// SPDX-License-Identifier: Apache-2.0
// An account of three positions, every figure computed by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct AccountReferenceTests {
    /// Market values 1,100, −2,000 and 250; unrealised 200, 100 and 50; day 11, 90 and none.
    @Test func totalsAreThoseComputedByHand() {
        let totals = HandBook.alphaValue().totals
        #expect(totals.cash == 10_000)
        #expect(totals.marketValue == -650)
        #expect(totals.equity == 9_350)
        #expect(totals.grossExposure == 3_350)
        #expect(totals.netExposure == -650)
        #expect(totals.unrealisedPnL == 350)
        #expect(totals.realisedPnL == 0 && totals.fees == 0)
        #expect(isClose(totals.dayPnL, 11 + 90))
        #expect(totals.totalPnL == 350)
    }

    /// Scenarios: 1100·0.1 + 2000·0.05, −1100·0.1 − 2000·0.1, 1100·0.1.
    @Test func riskComesFromMarketValuesInCurrency() throws {
        let value = HandBook.alphaValue()
        let pnl = try #require(value.scenarioPnL)
        #expect(zip(pnl, [210, -310, 110]).allSatisfy { isClose($0, $1) } && pnl.count == 3)
        #expect(value.risk.window == 3)
        #expect(isClose(value.risk.valueAtRisk[9_500], 310))
        #expect(isClose(value.risk.expectedShortfall[9_500], 310))
        #expect(isClose(value.risk.valueAtRisk[5_000], -110))
        #expect(isClose(value.risk.expectedShortfall[5_000], (310 - 0.5 * 110) / 1.5))
    }

    @Test func longerHorizonScalesBySquareRootOfTime() {
        let inputs = HandBook.inputs(horizonDays: 9)
        let value = AccountReference.value(of: HandBook.alpha, in: inputs, marks: HandBook.marks)
        #expect(value.risk.horizonDays == 9)
        #expect(isClose(value.risk.valueAtRisk[9_500], 930))
        #expect(isClose(value.risk.expectedShortfall[9_500], 930))
    }

    /// The 2.5 % … of three values: virtual index 2·0.05 = 0.1 between −310 and 110.
    @Test func linearQuantileIsUsedWhereTheConventionSaysSo() {
        let inputs = HandBook.inputs(quantile: .linear)
        let value = AccountReference.value(of: HandBook.alpha, in: inputs, marks: HandBook.marks)
        #expect(value.risk.quantile == .linear)
        #expect(isClose(value.risk.valueAtRisk[9_500], 310 - 0.1 * 420))
    }

    @Test func instrumentWithoutHistoryLowersCoverageAndIsListed() {
        let coverage = HandBook.alphaValue().risk.coverage
        #expect(isClose(coverage.percent, 3_100 / 3_350 * 100))
        #expect(coverage.excluded == ["NEW"])
    }

    @Test func mostSpecificShockWinsAndInstrumentsWithoutHistoryAreStressed() {
        let stress = HandBook.alphaValue().stress
        #expect(isClose(stress["market_crash_10pct"], 65))
        #expect(isClose(stress["mixed"], -330 - 160 - 12.5))
        #expect(isClose(stress["energy_only"], -1_000))
        #expect(stress.count == 3)
    }

    @Test func marginIsGrossTimesRateWithHysteresis() {
        let margin = HandBook.alphaValue().margin
        #expect(margin.used == 275 + 200 + 62.5)
        #expect(margin.limit == 600)
        #expect(isClose(margin.utilisationPercent, 537.5 / 6))
        #expect(margin.level == .warn)
        #expect(HandBook.alphaValue(level: .critical).margin.level == .warn)
    }

    @Test func sectorsHaveNetAndGross() {
        #expect(
            HandBook.alphaValue().sectors == [
                "Technology": SectorExposure(net: 1_350, gross: 1_350),
                "Energy": SectorExposure(net: -2_000, gross: 2_000),
            ])
    }

    @Test func positionsCarryTheirOwnValuesAndStatus() throws {
        let positions = HandBook.alphaValue().positions
        #expect(positions.map(\.symbol) == ["AAA", "FUT", "NEW"])
        #expect(positions.map(\.status) == [.ok, .stale, .ok])
        #expect(positions[1].marketValue == -2_000 && positions[1].unrealisedPnL == 100)
        #expect(isClose(positions[1].dayPnL, 90))
        #expect(positions[2].dayPnL == nil && positions[2].price == 50)
    }

    @Test func emptyAccountShowsZerosAndFullCoverage() {
        let inputs = HandBook.inputs(accounts: [HandBook.empty], positions: [])
        let value = AccountReference.value(of: HandBook.empty, in: inputs, marks: HandBook.noMarks)
        #expect(value.status == .ok)
        #expect(
            value.totals
                == ValuationTotals(
                    cash: 50, marketValue: 0, grossExposure: 0, unrealisedPnL: 0, realisedPnL: 0, fees: 0, dayPnL: 0))
        #expect(value.totals.equity == 50 && value.totals.totalPnL == 0)
        #expect(
            value.risk.valueAtRisk == [5_000: 0, 9_500: 0] && value.risk.expectedShortfall == [5_000: 0, 9_500: 0])
        #expect(value.risk.coverage.percent == 100 && value.risk.coverage.excluded.isEmpty)
        #expect(value.stress == ["market_crash_10pct": 0, "mixed": 0, "energy_only": 0])
        #expect(value.margin.level == .ok && value.margin.used == 0 && value.margin.utilisationPercent == nil)
        #expect(value.sectors.isEmpty && value.positions.isEmpty)
    }
}
