// SPDX-License-Identifier: Apache-2.0
// The firm over accounts in two currencies, by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct FirmReferenceTests {
    static func firm(
        _ accounts: [Account], marks: [PriceMark?] = HandBook.marks, level: MarginLevel = .unknown
    ) -> FirmValuation {
        let inputs = HandBook.inputs(
            accounts: accounts,
            positions: (HandBook.alphaPositions + HandBook.gammaPositions + HandBook.europePositions)
                .filter { position in accounts.contains { $0.id == position.account } })
        let market = PricedMarket(inputs, marks: marks, cutNanoseconds: 0)
        return FirmReference.value(
            of: inputs.accounts.reversed().map { AccountReference.value(of: $0, at: market) }, at: market,
            previousMarginLevel: level)
    }

    @Test func firmAddsItsAccountsUp() throws {
        let firm = Self.firm([HandBook.gamma, HandBook.alpha])
        #expect(firm.accounts.map(\.account) == ["ALPHA", "GAMMA"])
        #expect(firm.status == .partial)
        #expect(firm.totals.cash == 10_500 && firm.totals.marketValue == -1_750 && firm.totals.equity == 8_750)
        #expect(firm.totals.grossExposure == 4_450 && firm.totals.unrealisedPnL == 250)
        #expect(isClose(firm.totals.dayPnL, 101 - 11))
        #expect(isClose(firm.stress["market_crash_10pct"], 65 + 110))
        #expect(firm.sectors["Technology"] == SectorExposure(net: 250, gross: 2_450))
        #expect(isClose(firm.risk.coverage.percent, 4_200 / 4_450 * 100) && firm.risk.coverage.excluded == ["NEW"])
    }

    /// 210 − 110, −310 + 110, 110 − 110: the offsetting accounts have less risk together.
    @Test func firmRiskIsThatOfTheSummedScenarios() throws {
        let firm = Self.firm([HandBook.alpha, HandBook.gamma])
        let pnl = try #require(firm.scenarioPnL)
        #expect(zip(pnl, [100, -200, 0]).allSatisfy { isClose($0, $1) } && pnl.count == 3)
        #expect(isClose(firm.risk.valueAtRisk[9_500], 200))
    }

    @Test func firmMarginIsSummedAndKeepsItsOwnLevel() {
        let firm = Self.firm([HandBook.alpha, HandBook.gamma], level: .critical)
        #expect(firm.margin.used == 812.5 && firm.margin.limit == 1_600 && firm.margin.level == .ok)
        let alone = Self.firm([HandBook.alpha], level: .critical)
        #expect(alone.margin.level == .warn)
    }

    @Test func oneAccountWithoutALimitLeavesTheFirmWithoutLimitAndLevel() {
        var unlimited = HandBook.gamma
        unlimited.marginLimit = nil
        let firm = Self.firm([HandBook.alpha, unlimited])
        #expect(firm.margin.level == .unknown)
        #expect(firm.margin.used != nil && firm.margin.limit == nil && firm.margin.utilisationPercent == nil)
    }

    @Test func accountInAnotherCurrencyIsLeftOutAndMakesTheFirmPartial() {
        let gammaOnly = Self.firm([HandBook.gamma])
        let both = Self.firm([HandBook.gamma, HandBook.europe])
        #expect(gammaOnly.status == .ok && both.status == .partial)
        #expect(both.totals == gammaOnly.totals && both.risk == gammaOnly.risk && both.margin == gammaOnly.margin)
        #expect(both.accounts.map(\.account) == ["EUROPE", "GAMMA"])
        #expect(both.accounts[0].totals.marketValue == 1_100)
    }

    @Test func firmOfOnlyForeignAccountsIsMissingAndShowsNothing() {
        let firm = Self.firm([HandBook.europe])
        #expect(firm.status == .missing)
        #expect(
            firm.totals
                == ValuationTotals(
                    cash: nil, marketValue: nil, grossExposure: nil, unrealisedPnL: nil, realisedPnL: nil, fees: nil,
                    dayPnL: nil))
        #expect(firm.risk.valueAtRisk.isEmpty && firm.risk.coverage.percent == nil && firm.stress.isEmpty)
        #expect(firm.margin.level == .unknown)
    }

    @Test func missingAccountIsAMissingPart() {
        let marks: [PriceMark?] = [nil, nil, PriceMark(50), nil]
        let firm = Self.firm([HandBook.alpha, HandBook.gamma], marks: marks)
        #expect(firm.status == .partial && firm.totals.marketValue == 250 && firm.totals.cash == 10_500)
        #expect(firm.risk.valueAtRisk.isEmpty && firm.margin.level == .unknown)
        let nothing = Self.firm([HandBook.alpha, HandBook.gamma], marks: HandBook.noMarks)
        #expect(nothing.status == .missing && nothing.totals.marketValue == nil && nothing.totals.cash == 10_500)
        #expect(nothing.risk.coverage.percent == nil)
    }

    @Test func emptyAccountBesideAnUncoveredOneDoesNotMakeTheFirmRiskless() {
        let firm = Self.firm([HandBook.gamma, HandBook.empty], marks: HandBook.noMarks)
        #expect(firm.status == .partial && firm.risk.valueAtRisk.isEmpty && firm.scenarioPnL == nil)
    }

    @Test func firmWithoutAccountsShowsZeros() {
        let firm = Self.firm([])
        #expect(firm.status == .ok && firm.totals.cash == 0 && firm.totals.equity == 0)
        #expect(firm.risk.valueAtRisk[9_500] == 0 && firm.risk.coverage.percent == 100)
        #expect(firm.stress["mixed"] == 0 && firm.margin.level == .ok)
    }
}
