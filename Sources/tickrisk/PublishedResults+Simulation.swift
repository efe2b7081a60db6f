// SPDX-License-Identifier: Apache-2.0
// Published quantiles, age-weighted figures and parametric risk.

import RiskDomain
import RiskMath

extension PublishedResults {
    // MARK: Quantiles

    /// The lower quantile of a sample: minus the VaR of the same P&L.
    private static func quantile(
        _ values: [Double], percent: Int, _ definition: QuantileDefinition
    ) -> Double? {
        Quantiles.valueAtRisk(pnl: values, confidenceBasisPoints: 10_000 - percent * 100, definition: definition)
            .map { 0 - $0 }
    }

    static var quantiles: [PublishedResult] {
        let four = [1.0, 2, 3, 4]
        let eleven = [6.0, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49]
        // By the definitions 1, 5, 6 and 7: ranks 2, 1.7, 1.5 and 1.9.
        let definitions: [(QuantileDefinition, number: Int, Double)] = [
            (.discrete, 1, 2), (.hazen, 5, 1.7), (.weibull, 6, 1.5), (.linear, 7, 1.9),
        ]
        return [
            PublishedResult(
                "PERCENTILE({1,2,3,4}; 0.3)", .spreadsheet, expected: 1.9, decimals: 1, tolerance: 1e-12,
                found: self.quantile(four, percent: 30, .linear)),
            PublishedResult(
                "QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49}; 1)", .spreadsheet, expected: 15, decimals: 0,
                tolerance: 1e-12, found: self.quantile(eleven, percent: 25, .weibull)),
            PublishedResult(
                "QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49}; 3)", .spreadsheet, expected: 43, decimals: 0,
                tolerance: 1e-12, found: self.quantile(eleven, percent: 75, .weibull)),
        ]
            + definitions.map { definition, number, expected in
                PublishedResult(
                    "30 % of {1,2,3,4}, definition \(number) (\(definition.rawValue))", .hyndmanFan,
                    expected: expected, decimals: 1, tolerance: 1e-12,
                    found: self.quantile(four, percent: 30, definition))
            }
    }

    // MARK: Age weighting

    /// A hundred returns in per cent: the six worst at their ages in days, the rest gains.
    private static let hybridReturns: [Double] = {
        var pnl = [Double](repeating: 1, count: 100)
        for (value, age) in [(-3.3, 3), (-2.9, 2), (-2.7, 65), (-2.5, 45), (-2.4, 5), (-2.3, 30)] {
            pnl[100 - age] = value
        }
        return pnl
    }()

    /// The worst of 500 scenarios, the 500th the newest, in dollars; the rest lose less.
    private static let indexLosses: [Double] = {
        var pnl = [Double](repeating: 0, count: 500)
        let worst = [(494, 477_841.0), (339, 345_435), (349, 282_204), (329, 277_041), (487, 253_385), (227, 217_974)]
        for (scenario, loss) in worst { pnl[scenario - 1] = -loss }
        return pnl
    }()

    static var ageWeighted: [PublishedResult] {
        let hybrid = AgeWeighting(decay: 0.98)
        let hybridWeights = hybrid.weights(count: 100)
        let printed = [(3, 0.0221), (2, 0.0226), (65, 0.0063), (45, 0.0095), (5, 0.0213), (30, 0.0128)]
        let hull = AgeWeighting(decay: 0.995)
        let hullWeights = hull.weights(count: 500)
        let losses = self.indexLosses
        return printed.map { age, weight in
            PublishedResult(
                "BRW weight, decay 0.98, \(age) days ago of 100", .hybrid, expected: weight, decimals: 4,
                found: hybridWeights[100 - age])
        } + [
            PublishedResult(
                "95 % VaR of 100 returns, equal weights, in %", .hybrid, expected: 2.35, decimals: 2,
                found: Quantiles.valueAtRisk(
                    pnl: self.hybridReturns, confidenceBasisPoints: 9_500, definition: .hazen)),
            PublishedResult(
                "95 % VaR of 100 returns, decay 0.98, in %", .hybrid, expected: 2.63, decimals: 2,
                found: hybrid.valueAtRisk(
                    pnl: self.hybridReturns, confidenceBasisPoints: 9_500, method: .interpolated)),
            PublishedResult(
                "99 % VaR of 500 scenarios, equal weights, in $", .hullRisk, expected: 253_385, decimals: 0,
                found: Quantiles.valueAtRisk(pnl: losses, confidenceBasisPoints: 9_900, definition: .discrete)),
            PublishedResult(
                "99 % ES of 500 scenarios, equal weights, in $", .hullRisk, expected: 327_181, decimals: 0,
                found: ExpectedShortfall.value(pnl: losses, confidenceBasisPoints: 9_900)),
            PublishedResult(
                "weight of scenario 494 of 500, decay 0.995", .hullRisk, expected: 0.00528, decimals: 5,
                found: hullWeights[493]),
            PublishedResult(
                "weight of scenario 339 of 500, decay 0.995", .hullRisk, expected: 0.00243, decimals: 5,
                found: hullWeights[338]),
            PublishedResult(
                "99 % VaR of 500 scenarios, decay 0.995, in $", .hullRisk, expected: 282_204, decimals: 0,
                found: hull.valueAtRisk(pnl: losses, confidenceBasisPoints: 9_900, method: .firstCrossing)),
            PublishedResult(
                "99 % ES of 500 scenarios, decay 0.995, in $", .hullRisk, expected: 400_914, decimals: 0,
                found: hull.expectedShortfall(pnl: losses, confidenceBasisPoints: 9_900)),
        ]
    }

    // MARK: Variance and covariance

    static var parametric: [PublishedResult] {
        let covariance = CovarianceMatrix(rows: [[0.05 * 0.05, 0], [0, 0.12 * 0.12]])
        let exposures = [2_000_000.0, 1_000_000]
        let components = ParametricRisk.components(exposures: exposures, covariance: covariance, deviations: 1.65)
        let total = 1.65 * ParametricRisk(exposures: exposures, covariance: covariance).standardDeviation
        let one = ParametricRisk(standardDeviation: 1)
        return [
            PublishedResult(
                "VaR of 2m at 5 % and 1m at 12 %, uncorrelated, z 1.65", .jorion, expected: 257_738.24, decimals: 2,
                found: total),
            PublishedResult(
                "component of 2m at 5 %", .jorion, expected: 105_630.43, decimals: 2, found: components[0]),
            PublishedResult(
                "component of 1m at 12 %", .jorion, expected: 152_107.81, decimals: 2, found: components[1]),
            PublishedResult(
                "99 % ES of a deviation of 1", .normalShortfall, expected: 2.6652142203, decimals: 10,
                found: one.expectedShortfall(confidenceBasisPoints: 9_900)),
            PublishedResult(
                "97.5 % ES of a deviation of 1", .normalShortfall, expected: 2.3378027922, decimals: 10,
                found: one.expectedShortfall(confidenceBasisPoints: 9_750)),
        ]
    }
}
