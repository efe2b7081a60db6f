// SPDX-License-Identifier: Apache-2.0
// Forecasts of every day from the days before it, by any model, held against what came.

import RiskDomain
import RiskMath

/// Rolls a window over the P&L of a fixed book: VaR and ES of a day come from the `window` returns before it and from
/// nothing else. One-day figures, by the same code that reports the same models of today.
public struct RollingBacktest: Sendable {
    /// The models that have a forecast for every day.
    public static let models: [RiskModel] = [
        .historical, .ageWeighted, .volatilityScaled, .parametric, .parametricEWMA,
    ]

    /// VaR and ES of one day at one confidence, losses positive.
    public struct Forecast: Sendable, Equatable {
        public var valueAtRisk: Double
        public var expectedShortfall: Double
    }

    /// Its window, confidences and definitions count; its horizon does not.
    public let convention: RiskConvention
    public let settings: RiskModelSettings

    public init(convention: RiskConvention, settings: RiskModelSettings = RiskModelSettings()) {
        precondition(convention.window >= 1, "a window of \(convention.window) days")
        self.convention = convention
        self.settings = settings
    }

    /// Days of a book that can be forecast: all with a full window before them, from a date on.
    public func days(of book: FixedBook, from date: String? = nil) -> Range<Int> {
        let asked = date.map { date in book.dates.firstIndex { $0 >= date } ?? book.dates.count } ?? 0
        return min(max(self.convention.window, asked), book.pnl.count)..<book.pnl.count
    }

    /// Forecasts every day and counts.
    ///
    /// - Parameters:
    ///   - model: one of ``models``.
    ///   - date: of the first forecast; ISO.
    ///   - progress: told after each day how many are done.
    /// - Returns: `nil` without a day to forecast, and where the window is too short for the quantile's definition.
    public func report(
        _ model: RiskModel, of book: FixedBook, from date: String? = nil, progress: (Int) -> Void = { _ in }
    ) -> RollingBacktestReport? {
        let days = self.days(of: book, from: date)
        guard !days.isEmpty else { return nil }
        let confidences = self.convention.confidences
        var forecasts = confidences.map { _ in (valueAtRisk: [Double](), expectedShortfall: [Double]()) }
        for day in days {
            guard let figures = self.forecasts(model, of: book, day: day) else { return nil }
            for (slot, forecast) in figures.enumerated() {
                forecasts[slot].valueAtRisk.append(forecast.valueAtRisk)
                forecasts[slot].expectedShortfall.append(forecast.expectedShortfall)
            }
            progress(day - days.lowerBound + 1)
        }
        let pnl = Array(book.pnl[days])
        return RollingBacktestReport(
            model: model, window: self.convention.window, dates: Array(book.dates[days]), pnl: pnl,
            figures: zip(confidences, forecasts).map { confidence, forecast in
                RollingBacktestReport.Figures(
                    pnl: pnl, valueAtRisk: forecast.valueAtRisk, expectedShortfall: forecast.expectedShortfall,
                    confidenceBasisPoints: confidence)
            })
    }

    /// VaR and ES of one day by confidence, from the window before it.
    ///
    /// - Parameter day: position in the book's dates, at least the window.
    /// - Returns: `nil` where a figure has no value.
    public func forecasts(_ model: RiskModel, of book: FixedBook, day: Int) -> [Forecast]? {
        let past = (day - self.convention.window)..<day
        let decay = ExponentialVariance(decay: self.settings.volatilityLambda)
        switch model {
        case .historical: return self.historical(Array(book.pnl[past]))
        case .volatilityScaled:
            return self.historical(book.scaledPnL(of: past, by: VolatilityScaling(variance: decay)))
        case .ageWeighted:
            let weighting = AgeWeighting(decay: self.settings.ageWeightedLambda)
            let pnl = Array(book.pnl[past])
            return self.figures { confidence in
                (
                    weighting.valueAtRisk(pnl: pnl, confidenceBasisPoints: confidence, method: .firstCrossing),
                    weighting.expectedShortfall(pnl: pnl, confidenceBasisPoints: confidence)
                )
            }
        case .parametric: return self.parametric(ParametricRisk(pnl: Array(book.pnl[past])))
        case .parametricEWMA: return self.parametric(ParametricRisk(pnl: Array(book.pnl[past]), variance: decay))
        case .gain, .stressed: preconditionFailure("\(model.rawValue) makes no forecast of a day's loss")
        }
    }

    private func historical(_ pnl: [Double]) -> [Forecast]? {
        let confidences = self.convention.confidences
        let valueAtRisk = Quantiles.valuesAtRisk(
            pnl: pnl, confidencesBasisPoints: confidences, definition: self.convention.quantile)
        let shortfall = ExpectedShortfall.values(
            pnl: pnl, confidencesBasisPoints: confidences, definition: self.convention.shortfall)
        return self.figures { (valueAtRisk[$0], shortfall[$0]) }
    }

    private func parametric(_ risk: ParametricRisk?) -> [Forecast]? {
        self.figures { confidence in
            (
                risk?.valueAtRisk(confidenceBasisPoints: confidence),
                risk?.expectedShortfall(confidenceBasisPoints: confidence)
            )
        }
    }

    private func figures(_ measure: (Int) -> (Double?, Double?)) -> [Forecast]? {
        var figures: [Forecast] = []
        for confidence in self.convention.confidences {
            guard case (let valueAtRisk?, let shortfall?) = measure(confidence) else { return nil }
            figures.append(Forecast(valueAtRisk: valueAtRisk, expectedShortfall: shortfall))
        }
        return figures
    }
}
