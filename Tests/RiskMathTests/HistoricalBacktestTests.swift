// SPDX-License-Identifier: Apache-2.0
// The backtest of a fixed book over its own history, against forecasts made one at a time.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct HistoricalBacktestTests {
    static func pnl(_ seed: UInt64, count: Int) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in (100 * random.nextNormal()).rounded() }
    }

    @Test(arguments: UInt64(1)...10, QuantileDefinition.allCases)
    func forecastsAreThoseOfTheWindowBeforeEachDay(seed: UInt64, quantile: QuantileDefinition) throws {
        let pnl = Self.pnl(seed, count: 420)
        for shortfall in ShortfallDefinition.allCases {
            let report = try #require(
                HistoricalBacktest(
                    window: 100, confidenceBasisPoints: 9_500, quantile: quantile, shortfall: shortfall
                ).report(pnl: pnl))
            #expect(report.days == 100..<420 && report.valueAtRisk.count == 320, "seed \(seed)")
            var exceptions: [Int] = []
            for day in report.days {
                let past = Array(pnl[(day - 100)..<day])
                let atRisk = Quantiles.valueAtRisk(pnl: past, confidenceBasisPoints: 9_500, definition: quantile)
                let mean = ExpectedShortfall.value(
                    pnl: past, confidenceBasisPoints: 9_500, definition: shortfall)
                #expect(report.valueAtRisk[day - 100] == atRisk, "seed \(seed) day \(day)")
                #expect(report.expectedShortfall[day - 100] == mean, "seed \(seed) day \(day)")
                if -pnl[day] > atRisk ?? .nan { exceptions.append(day) }
            }
            #expect(report.exceptions == exceptions && !exceptions.isEmpty, "seed \(seed)")
        }
    }

    /// 260 days lose up to 10 after a first window of such days; three days lose 50, the first of them more than a
    /// year ago.
    @Test func reportCarriesEveryTest() throws {
        var pnl = (0..<360).map { -Double($0 % 10) - 1 }
        for day in [105, 200, 201] { pnl[day] = -50 }
        let report = try #require(HistoricalBacktest(window: 100, confidenceBasisPoints: 9_900).report(pnl: pnl))
        // The 50 of day 105 is among the hundred days before 200 and 201, and equalling it is no exception.
        #expect(report.exceptions == [105])
        #expect(report.trafficLight.zone == .green && report.trafficLightOfLastYear?.multiplierAddOn == 0)
        let none = TrafficLight(exceptions: 0, observations: 250, confidenceBasisPoints: 9_900)
        #expect(report.trafficLightOfLastYear == none)
        let kupiec = KupiecTest(exceptions: 1, observations: 260, probability: 0.01)
        #expect(report.kupiec == kupiec)
        #expect(report.christoffersen?.transitions.calmToCalm == 257)
        #expect(isClose(report.acerbiSzekely?.statistic, 1 - 5 / 2.6))
        #expect(report.window == 100 && report.confidenceBasisPoints == 9_900)
    }

    /// Independent days: forecasts of 500 hold the rate of exceptions within the light and within Kupiec's test.
    @Test(arguments: [UInt64(3), 4, 5])
    func independentDaysPassEveryTest(seed: UInt64) throws {
        let report = try #require(
            HistoricalBacktest(window: 500, confidenceBasisPoints: 9_750).report(pnl: Self.pnl(seed, count: 3_000)))
        #expect(report.trafficLight.zone != .red, "seed \(seed)")
        #expect(report.kupiec.ratio.pValue > 0.001, "seed \(seed)")
        #expect((report.christoffersen?.independence.pValue ?? 0) > 0.001, "seed \(seed)")
        #expect(report.acerbiSzekely?.isRejectedAtFivePercent == false, "seed \(seed)")
    }

    /// Three times the volatility from the middle on: the year after is red, and clustered.
    @Test(arguments: [UInt64(3), 4, 5])
    func volatilityThatRisesIsSeen(seed: UInt64) throws {
        let pnl = Self.pnl(seed, count: 750).enumerated().map { $0.offset < 500 ? $0.element : 3 * $0.element }
        let report = try #require(HistoricalBacktest(window: 500, confidenceBasisPoints: 9_900).report(pnl: pnl))
        #expect(report.trafficLightOfLastYear?.zone == .red && report.kupiec.ratio.pValue < 0.001, "seed \(seed)")
        #expect(report.acerbiSzekely?.isRejectedAtFivePercent == true, "seed \(seed)")
    }

    @Test func withoutADayAfterTheWindowOrWithAWindowTooShortThereIsNoReport() {
        let pnl = Self.pnl(1, count: 50)
        #expect(HistoricalBacktest(window: 50, confidenceBasisPoints: 9_900).report(pnl: pnl) == nil)
        #expect(
            HistoricalBacktest(window: 20, confidenceBasisPoints: 9_900, quantile: .weibull).report(pnl: pnl) == nil)
        let last = HistoricalBacktest(window: 49, confidenceBasisPoints: 9_900).report(pnl: pnl)
        #expect(last?.days == 49..<50 && last?.christoffersen == nil && last?.trafficLightOfLastYear == nil)
    }
}
