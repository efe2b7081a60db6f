// SPDX-License-Identifier: Apache-2.0
// Makes reports: of an account from its positions, of the firm from its accounts' vectors.

import RiskDomain
import RiskKernel
import RiskMath

/// Reports by the conventions and model settings of one daemon. Pure: the same cut gives the same report.
public struct BookReporter: Sendable {
    /// Below this a backtest's forecasts say nothing.
    private static let backtestWindowMin = 100

    public let inputs: RiskInputs
    public let revaluation: Revaluation
    let sets: ScenarioSets
    /// By stress scenario, by instrument.
    let moves: [[StressMove]]

    public init(inputs: RiskInputs, tier: KernelTier) {
        self.inputs = inputs
        self.revaluation = Revaluation(inputs: inputs, tier: tier)
        self.sets = ScenarioSets(inputs)
        self.moves = inputs.stressScenarios.map { $0.moves(of: inputs.instruments, history: inputs.history) }
    }

    // MARK: Accounts

    /// Explains an account, by position, sector and strategy.
    public func report(of book: BookSnapshot) -> BookReport {
        let covered = book.positions.compactMap { held in
            self.vector(of: held, in: book, scenarios: self.sets.window).map { (held, $0) }
        }
        let parts = covered.map { held, pnl in
            AttributedPart(name: held.symbol, marketValue: self.revaluation.marketValue(of: held), pnl: pnl)
        }
        let grouped = { (key: (HeldPosition) -> String) in AttributedPart.grouped(parts) { key(covered[$0].0) } }
        var report = self.report(
            name: book.name, currency: book.currency, cutNanoseconds: book.cutNanoseconds, parts: parts,
            total: book.scenarioPnL,
            groupings: [
                grouped { self.inputs.instruments[$0.instrument].sector }, grouped { $0.strategy ?? "none" },
            ])
        report.stressParts = book.positions.map(\.symbol)
        report.stress = zip(self.inputs.stressScenarios, self.moves).map { scenario, moves in
            book.positions.map { held in
                self.revaluation.stressPnL(
                    of: held, currency: book.currency, scenario: scenario, moves: moves,
                    atCut: book.cutNanoseconds)
            }
        }
        if !covered.isEmpty {
            let scaled = covered.compactMap { self.vector(of: $0.0, in: book, scenarios: self.sets.volatilityScaled) }
            self.addFurtherModels(
                scaled: ScenarioPnL.sum(scaled, count: self.sets.volatilityScaled.count),
                whole: self.wholeHistory(of: covered.map(\.0), in: book), to: &report)
        }
        return report
    }

    private func vector(of held: HeldPosition, in book: BookSnapshot, scenarios: ScenarioReturns) -> [Double]? {
        self.revaluation.scenarioPnL(
            of: held, currency: book.currency, scenarios: scenarios, atCut: book.cutNanoseconds)
    }

    /// Models that need other scenarios than the published ones.
    ///
    /// - Parameters:
    ///   - scaled: P&L under ``ScenarioSets/volatilityScaled``.
    ///   - whole: under ``ScenarioSets/whole``.
    func addFurtherModels(scaled: [Double], whole: [Double], to report: inout BookReport) {
        report.models[.volatilityScaled] = self.historicalFigures(scaled)
        let (pnl, dates) = self.covered(whole)
        self.addStressed(pnl, dates: dates, to: &report)
        report.backtest = self.backtest(pnl, dates: dates)
    }

    /// The backtest of ``report(of:)`` alone, at a fraction of its cost.
    public func backtest(of book: BookSnapshot) -> BookReport.BacktestSummary? {
        let isCovered = book.positions.contains { self.vector(of: $0, in: book, scenarios: self.sets.window) != nil }
        guard isCovered else { return nil }
        // What has history in the window, and nothing else, has it here.
        let (pnl, dates) = self.covered(self.wholeHistory(of: book.positions, in: book))
        return self.backtest(pnl, dates: dates)
    }

    private func wholeHistory(of covered: [HeldPosition], in book: BookSnapshot) -> [Double] {
        let vectors = covered.compactMap { self.vector(of: $0, in: book, scenarios: self.sets.whole) }
        return ScenarioPnL.sum(vectors, count: self.sets.whole.count)
    }

    /// One-day P&L over the history from the first day on which every covered position has a return.
    private func covered(_ whole: [Double]) -> (pnl: [Double], dates: [String]) {
        let first = (whole.lastIndex(where: \.isNaN) ?? -1) + 1
        return (Array(whole[first...]), Array(self.sets.whole.dates[first...]))
    }

    private func addStressed(_ pnl: [Double], dates: [String], to report: inout BookReport) {
        let convention = self.inputs.convention
        var figures = BookReport.Figures()
        for confidence in convention.confidences {
            // What a window is too short for is absent, and the other confidences are not.
            guard
                let window = StressedWindow(
                    pnl: pnl, days: self.inputs.models.stressedDays, confidenceBasisPoints: confidence,
                    quantile: convention.quantile, shortfall: convention.shortfall)
            else { continue }
            figures.valueAtRisk[confidence] = window.valueAtRisk * self.dayScale
            figures.expectedShortfall[confidence] = window.expectedShortfall * self.dayScale
            report.stressedDates = (dates[window.scenarios.lowerBound], dates[window.scenarios.upperBound - 1])
        }
        if !figures.valueAtRisk.isEmpty { report.models[.stressed] = figures }
    }

    /// The newest days of the history, each against the VaR of the window before it: that of the convention, or what a
    /// short history leaves.
    private func backtest(_ pnl: [Double], dates: [String]) -> BookReport.BacktestSummary? {
        let convention = self.inputs.convention
        let window = min(convention.window, pnl.count - self.inputs.models.backtestDays)
        guard window >= Self.backtestWindowMin, let confidence = convention.confidences.last else { return nil }
        let first = pnl.count - self.inputs.models.backtestDays - window
        let backtest = HistoricalBacktest(
            window: window, confidenceBasisPoints: confidence, quantile: convention.quantile,
            shortfall: convention.shortfall)
        guard let report = backtest.report(pnl: Array(pnl[first...])) else { return nil }
        let dates = dates[first...]
        func date(_ day: Int) -> String { dates[dates.startIndex + day] }
        return BookReport.BacktestSummary(
            report: report, from: date(report.days.lowerBound), to: date(report.days.upperBound - 1),
            exceptionDates: report.exceptions.map(date))
    }

    // MARK: Accounts and the firm

    /// - Parameters:
    ///   - total: the sum of the parts as published.
    ///   - groupings: the same book in other parts.
    func report(
        name: String, currency: String, cutNanoseconds: UInt64, parts: [AttributedPart], total: [Double],
        groupings: [[AttributedPart]]
    ) -> BookReport {
        var report = BookReport(name: name, currency: currency, cutNanoseconds: cutNanoseconds)
        report.groupings = groupings.map { _ in nil }
        let convention = self.inputs.convention
        guard let confidence = convention.confidences.last, !total.isEmpty, !parts.isEmpty else { return report }
        report.models[.historical] = self.historicalFigures(total)
        report.models[.gain] = self.historicalFigures(total, tail: .gain)
        report.models[.ageWeighted] = self.ageWeightedFigures(total)
        let decay = ExponentialVariance(decay: self.inputs.models.volatilityLambda)
        report.models[.parametric] = ParametricRisk(pnl: total).map(self.parametricFigures)
        report.models[.parametricEWMA] = ParametricRisk(pnl: total, variance: decay).map(self.parametricFigures)
        for confidence in convention.confidences {
            report.intervals[confidence] = self.interval(total, confidence: confidence)
        }
        func attribution(_ parts: [AttributedPart]) -> Attribution {
            Attribution(
                of: parts, count: total.count, total: total, confidenceBasisPoints: confidence,
                quantile: convention.quantile, shortfall: convention.shortfall)
        }
        report.attribution = attribution(parts)
        report.scenarioDates = report.attribution?.scenarios.map { self.inputs.scenarios.dates[$0] } ?? []
        report.groupings = groupings.map(attribution)
        report.histogram = PnLHistogram(pnl: total, bins: self.inputs.models.histogramBins)
        report.worst = RankedScenarios(total).worst(self.inputs.models.worstScenarios).map { scenario in
            BookReport.WorstScenario(
                date: self.inputs.scenarios.dates[scenario], pnl: total[scenario],
                parts: parts.map { $0.pnl[scenario] })
        }
        return report
    }

    func historicalFigures(_ pnl: [Double], tail: Tail = .loss) -> BookReport.Figures {
        let convention = self.inputs.convention
        let scale = convention.horizonScale
        return BookReport.Figures(
            valueAtRisk: Quantiles.valuesAtRisk(
                pnl: pnl, confidencesBasisPoints: convention.confidences, definition: convention.quantile, tail: tail
            ).mapValues { $0 * scale },
            expectedShortfall: ExpectedShortfall.values(
                pnl: pnl, confidencesBasisPoints: convention.confidences, definition: convention.shortfall, tail: tail
            ).mapValues { $0 * scale })
    }

    private func ageWeightedFigures(_ pnl: [Double]) -> BookReport.Figures {
        let weighting = AgeWeighting(decay: self.inputs.models.ageWeightedLambda)
        return self.figures { confidence in
            (
                weighting.valueAtRisk(pnl: pnl, confidenceBasisPoints: confidence, method: .firstCrossing),
                weighting.expectedShortfall(pnl: pnl, confidenceBasisPoints: confidence)
            )
        }
    }

    private func parametricFigures(_ risk: ParametricRisk) -> BookReport.Figures {
        self.figures { confidence in
            (
                risk.valueAtRisk(confidenceBasisPoints: confidence),
                risk.expectedShortfall(confidenceBasisPoints: confidence)
            )
        }
    }

    private func figures(_ measure: (Int) -> (Double?, Double?)) -> BookReport.Figures {
        var figures = BookReport.Figures()
        let scale = self.inputs.convention.horizonScale
        for confidence in self.inputs.convention.confidences {
            let (valueAtRisk, expectedShortfall) = measure(confidence)
            figures.valueAtRisk[confidence] = valueAtRisk.map { $0 * scale }
            figures.expectedShortfall[confidence] = expectedShortfall.map { $0 * scale }
        }
        return figures
    }

    private func interval(_ pnl: [Double], confidence: Int) -> BookReport.Interval {
        let interval = OrderStatisticInterval(
            confidenceBasisPoints: confidence, count: pnl.count,
            levelBasisPoints: self.inputs.models.intervalLevel)
        let bounds = interval.bounds(pnl: pnl)
        let scale = self.inputs.convention.horizonScale
        return BookReport.Interval(
            least: bounds.least.map { $0 * scale }, greatest: bounds.greatest.map { $0 * scale },
            coverage: interval.coverage)
    }

    /// From one day, of which the whole history's returns are, to the horizon.
    private var dayScale: Double { Double(self.inputs.convention.horizonDays).squareRoot() }
}
