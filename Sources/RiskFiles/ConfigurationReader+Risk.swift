// SPDX-License-Identifier: Apache-2.0
// Reads the sections on how risk is measured: `risk` and `models`.

import RiskDomain

extension ConfigurationReader {
    private static let confidencesMax = 16
    private static let millisecond: UInt64 = 1_000_000
    private static let hour: UInt64 = 3_600_000_000_000
    private static let lambdaRange = 0.5...0.9999

    func risk() -> RiskConvention {
        let section = self.section("risk")
        var risk = RiskConvention()
        risk.baseCurrency = section.text(
            "base_currency", default: risk.baseCurrency, allowed: "a currency code of three capital letters",
            CurrencyCode.isValid)
        risk.window = section.whole("window", default: risk.window, in: 1...RiskConvention.windowMax)
        risk.confidences = section.wholes(
            "confidences_bp", default: risk.confidences, in: 1...9_999, countMax: Self.confidencesMax)
        if zip(risk.confidences, risk.confidences.dropFirst()).contains(where: { $0 >= $1 }) {
            let given = "[" + risk.confidences.map(String.init).joined(separator: ", ") + "]"
            section.refuse("confidences_bp", value: given, "allowed: ascending, each once", orAt: self.root.origin)
        }
        risk.quantile = section.choice("quantile", default: risk.quantile)
        risk.shortfall = section.choice("expected_shortfall", default: risk.shortfall)
        risk.horizonDays = section.whole("horizon_days", default: risk.horizonDays, in: 1...250)
        risk.horizonMethod = section.choice("horizon_method", default: risk.horizonMethod)
        risk.missingHistory = section.choice("missing_history", default: risk.missingHistory)
        risk.staleAfterNanoseconds = section.duration(
            "stale_after", default: risk.staleAfterNanoseconds, in: 10 * Self.millisecond...24 * Self.hour)
        // The stream protocol promises cuts of a channel at least 100 ms apart.
        risk.cutIntervalNanoseconds = section.duration(
            "cut_interval", default: risk.cutIntervalNanoseconds,
            in: 100 * Self.millisecond...60_000 * Self.millisecond)
        let days = CSVTable.clockDays
        let valuationDate = section.text(
            "valuation_date", default: "",
            allowed: "a day as yyyy-mm-dd from \(days.lowerBound) to \(days.upperBound), or \"\""
        ) { text in text.isEmpty || CalendarDay(iso8601: text).map(days.contains) == true }
        risk.valuationDay = CalendarDay(iso8601: valuationDate)
        return risk
    }

    func models() -> RiskModelSettings {
        let section = self.section("models")
        var models = RiskModelSettings()
        models.ageWeightedLambda = section.number(
            "age_weighted_lambda", default: models.ageWeightedLambda, in: Self.lambdaRange)
        models.volatilityLambda = section.number(
            "volatility_lambda", default: models.volatilityLambda, in: Self.lambdaRange)
        models.stressedDays = section.whole("stressed_days", default: models.stressedDays, in: 1...5_000)
        models.intervalLevel = section.whole("interval_level_bp", default: models.intervalLevel, in: 1...9_999)
        models.worstScenarios = section.whole("worst_scenarios", default: models.worstScenarios, in: 1...1_000)
        models.histogramBins = section.whole("histogram_bins", default: models.histogramBins, in: 2...1_000)
        models.backtestDays = section.whole("backtest_days", default: models.backtestDays, in: 1...5_000)
        return models
    }
}
