// SPDX-License-Identifier: Apache-2.0
// Rolling forecasts: what they are made of, that they see no future, and how they are counted.

import RiskDomain
import RiskMath
import RiskReport
import Testing

@Suite struct RollingBacktestTests {
    private static let backtest = RollingBacktest(
        convention: RiskConvention(window: 60, confidences: [9_500, 9_900]))

    @Test(arguments: [UInt64(1), 2, 3])
    func historicalForecastsAreThoseOfTheHistoricalBacktest(seed: UInt64) throws {
        let book = try BacktestMarket.book(seed: seed, days: 400)
        let report = try #require(Self.backtest.report(.historical, of: book))
        for (figures, confidence) in zip(report.figures, [9_500, 9_900]) {
            let plain = try #require(
                HistoricalBacktest(window: 60, confidenceBasisPoints: confidence).report(pnl: book.pnl))
            #expect(figures.valueAtRisk == plain.valueAtRisk, "seed \(seed)")
            #expect(figures.expectedShortfall == plain.expectedShortfall, "seed \(seed)")
            #expect(figures.backtest.exceptions.map { $0 + 60 } == plain.exceptions, "seed \(seed)")
            #expect(figures.backtest.kupiec == plain.kupiec && figures.acerbiSzekely == plain.acerbiSzekely)
        }
        #expect(report.pnl == Array(book.pnl[60...]) && report.dates == Array(book.dates[60...]))
    }

    @Test(arguments: [UInt64(4), 5])
    func forecastsAreTheModelsOfTheWindowBeforeTheDay(seed: UInt64) throws {
        let book = try BacktestMarket.book(seed: seed, days: 300)
        for day in [60, 61, 150, 298] {
            let past = Array(book.pnl[(day - 60)..<day])
            let scaled = book.scaledPnL(of: (day - 60)..<day, by: VolatilityScaling())
            let expected: [RiskModel: Double?] = [
                .historical: Quantiles.valueAtRisk(
                    pnl: past, confidenceBasisPoints: 9_900, definition: .discrete),
                .ageWeighted: AgeWeighting(decay: 0.98).valueAtRisk(
                    pnl: past, confidenceBasisPoints: 9_900, method: .firstCrossing),
                .volatilityScaled: Quantiles.valueAtRisk(
                    pnl: scaled, confidenceBasisPoints: 9_900, definition: .discrete),
                .parametric: ParametricRisk(pnl: past)?.valueAtRisk(confidenceBasisPoints: 9_900),
                .parametricEWMA: ParametricRisk(pnl: past, variance: ExponentialVariance())?.valueAtRisk(
                    confidenceBasisPoints: 9_900),
            ]
            for model in RollingBacktest.models {
                let forecast = Self.backtest.forecasts(model, of: book, day: day)?.last
                #expect(forecast?.valueAtRisk == expected[model] ?? nil, "seed \(seed) \(model) day \(day)")
                // Where the tail is one scenario they are equal, but for rounding.
                let excess = (forecast?.expectedShortfall ?? .nan) - (forecast?.valueAtRisk ?? .nan)
                #expect(excess > -1e-9, "seed \(seed) \(model) day \(day)")
            }
        }
    }

    /// Another last day changes no forecast but scales the book: in units of its own amount they are the same.
    @Test(arguments: RollingBacktest.models)
    func noForecastSeesItsOwnDayOrALaterOne(model: RiskModel) throws {
        let history = BacktestMarket.history(seed: 6, days: 200, symbols: ["AAA", "BBB", "CCC"])
        var crashed = history
        for symbol in crashed.closes.keys { crashed.closes[symbol]?[150] /= 3 }
        let calm = try #require(Self.backtest.report(model, of: try BacktestMarket.book(of: history)))
        let crash = try #require(Self.backtest.report(model, of: try BacktestMarket.book(of: crashed)))
        // Close 150 is the later day of return 149, which is day 89 of the forecasts.
        for (before, after) in zip(calm.figures, crash.figures) {
            for day in 0...89 {
                #expect((before.valueAtRisk[day] - after.valueAtRisk[day]).magnitude < 1e-6, "day \(day)")
            }
            #expect(after.valueAtRisk[90] > before.valueAtRisk[90] + 1, "the day after the crash")
            #expect(after.backtest.exceptions.contains(89))
        }
    }

    @Test(arguments: RollingBacktest.models)
    func shortBooksLoseWhatLongOnesGain(model: RiskModel) throws {
        let history = BacktestMarket.history(seed: 7, days: 200, symbols: ["AAA", "BBB"])
        let long = try BacktestMarket.book(of: history)
        let short = try BacktestMarket.book(of: history, .short)
        #expect(zip(long.pnl, short.pnl).allSatisfy { $0 == -$1 })
        let isSymmetric = model == .parametric || model == .parametricEWMA
        let pair = try [long, short].map { try #require(Self.backtest.report(model, of: $0)).figures }
        #expect((pair[0][0].valueAtRisk == pair[1][0].valueAtRisk) == isSymmetric)
    }

    @Test func yearsAreCountedBackFromTheLastDay() throws {
        let report = try #require(
            Self.backtest.report(.historical, of: try BacktestMarket.book(seed: 8, days: 861)))
        #expect(report.dates.count == 800)
        for figures in report.figures {
            #expect(figures.years.map(\.days) == [0..<50, 50..<300, 300..<550, 550..<800])
            #expect(figures.years.reduce(0) { $0 + $1.exceptions } == figures.backtest.exceptions.count)
            #expect(figures.years.last?.light == figures.backtest.trafficLight(newest: 250))
        }
    }

    @Test func forecastsBeginOnTheDateAskedForButNeverWithoutAWindow() throws {
        let book = try BacktestMarket.book(seed: 9, days: 200)
        let report = try #require(Self.backtest.report(.parametric, of: book, from: "2001-05-01"))
        #expect(report.dates.first == "2001-05-01" && report.dates.last == book.dates.last)
        let whole = try #require(Self.backtest.report(.parametric, of: book))
        #expect(whole.figures[0].valueAtRisk.suffix(report.dates.count) == report.figures[0].valueAtRisk[...])
        #expect(Self.backtest.days(of: book, from: "1999-01-01") == 60..<199)
        #expect(Self.backtest.days(of: book, from: "2030-01-01").isEmpty)
        #expect(Self.backtest.report(.historical, of: book, from: "2030-01-01") == nil)
        #expect(Self.backtest.report(.historical, of: try BacktestMarket.book(seed: 9, days: 61)) == nil)
    }

    @Test func progressIsToldAfterEveryDay() throws {
        var told: [Int] = []
        let report = Self.backtest.report(.historical, of: try BacktestMarket.book(seed: 10, days: 100)) {
            told.append($0)
        }
        #expect(told == Array(1...39) && report?.dates.count == 39)
    }

    /// Volatility that trebles half-way: models that forget follow it, the plain one is late.
    @Test(arguments: [UInt64(11), 12, 13])
    func modelsThatForgetHaveFewerExceptionsAfterVolatilityRose(seed: UInt64) throws {
        let book = try BacktestMarket.book(seed: seed, days: 500, window: 200)
        let backtest = RollingBacktest(convention: RiskConvention(window: 200, confidences: [9_500]))
        let counts = try [RiskModel.historical, .volatilityScaled, .parametricEWMA].map {
            try #require(backtest.report($0, of: book)).figures[0].backtest.exceptions.count
        }
        #expect(counts[1] < counts[0] && counts[2] < counts[0], "seed \(seed): \(counts)")
    }
}
