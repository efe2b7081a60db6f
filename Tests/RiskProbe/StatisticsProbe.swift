// SPDX-License-Identifier: Apache-2.0
// Everything that is read off one vector of scenario P&L.

import RiskDomain
import RiskMath

/// A vector, oldest first, and the parameters of what is read off it.
struct StatisticsProbe: Decodable {
    var pnl: [Double]
    /// Basis points.
    var confidences: [Int]
    var ageDecay: Double
    var volatilityDecay: Double
    var bins: Int
    var worst: Int
    var stressedDays: Int
    var intervalLevel: Int
    var backtestWindow: Int

    func answer() -> ProbeValue {
        let variance = ExponentialVariance(decay: self.volatilityDecay)
        let histogram = PnLHistogram(pnl: self.pnl, bins: self.bins)
        return [
            "weights": ProbeValue(AgeWeighting(decay: self.ageDecay).weights(count: self.pnl.count)),
            "variances": ProbeValue(variance.path(self.pnl)),
            "scaled": ProbeValue(VolatilityScaling(variance: variance).scaled(self.pnl)),
            "histogram": ["edges": ProbeValue(histogram.edges), "counts": ProbeValue(histogram.counts)],
            "worst": ProbeValue(each: Tail.self) { tail in
                ProbeValue(RankedScenarios(self.pnl, tail: tail).worst(self.worst))
            },
            "confidences": ProbeValue(each: self.confidences, name: String.init) { confidence in
                [
                    "parametric": self.parametric(ParametricRisk(pnl: self.pnl), confidence),
                    "parametric_ewma": self.parametric(
                        ParametricRisk(pnl: self.pnl, variance: variance), confidence),
                    "tails": ProbeValue(each: Tail.self) { self.tail($0, confidence) },
                    "backtest": ProbeValue(each: QuantileDefinition.self) { self.backtest($0, confidence) },
                ]
            },
        ]
    }

    private func parametric(_ risk: ParametricRisk?, _ confidence: Int) -> ProbeValue {
        [
            "var": ProbeValue(risk?.valueAtRisk(confidenceBasisPoints: confidence)),
            "es": ProbeValue(risk?.expectedShortfall(confidenceBasisPoints: confidence)),
        ]
    }

    private func tail(_ tail: Tail, _ confidence: Int) -> ProbeValue {
        let weighting = AgeWeighting(decay: self.ageDecay)
        let interval = OrderStatisticInterval(
            confidenceBasisPoints: confidence, count: self.pnl.count, levelBasisPoints: self.intervalLevel)
        let bounds = interval.bounds(pnl: self.pnl, tail: tail)
        return [
            "var": ProbeValue(each: QuantileDefinition.self) { definition in
                ProbeValue(
                    Quantiles.valueAtRisk(
                        pnl: self.pnl, confidenceBasisPoints: confidence, definition: definition, tail: tail))
            },
            "es": ProbeValue(each: ShortfallDefinition.self) { definition in
                ProbeValue(
                    ExpectedShortfall.value(
                        pnl: self.pnl, confidenceBasisPoints: confidence, definition: definition, tail: tail))
            },
            "interval": [
                "worse": ProbeValue(interval.worseRank), "better": ProbeValue(interval.betterRank),
                "coverage": ProbeValue(interval.coverage), "least": ProbeValue(bounds.least),
                "greatest": ProbeValue(bounds.greatest),
            ],
            "age_weighted": ProbeValue(each: AgeWeighting.Method.self) { method in
                ProbeValue(
                    weighting.valueAtRisk(
                        pnl: self.pnl, confidenceBasisPoints: confidence, method: method, tail: tail))
            },
            "age_weighted_es": ProbeValue(
                weighting.expectedShortfall(pnl: self.pnl, confidenceBasisPoints: confidence, tail: tail)),
            "stressed": ProbeValue(each: QuantileDefinition.self) { self.stressed($0, confidence, tail) },
        ]
    }

    private func stressed(_ definition: QuantileDefinition, _ confidence: Int, _ tail: Tail) -> ProbeValue {
        let window = StressedWindow(
            pnl: self.pnl, days: self.stressedDays, confidenceBasisPoints: confidence, quantile: definition, tail: tail)
        guard let window else { return .absent }
        return [
            "from": ProbeValue(window.scenarios.lowerBound), "to": ProbeValue(window.scenarios.upperBound),
            "var": ProbeValue(window.valueAtRisk), "es": ProbeValue(window.expectedShortfall),
        ]
    }

    private func backtest(_ definition: QuantileDefinition, _ confidence: Int) -> ProbeValue {
        let backtest = HistoricalBacktest(
            window: self.backtestWindow, confidenceBasisPoints: confidence, quantile: definition)
        guard let report = backtest.report(pnl: self.pnl) else { return .absent }
        return ProbeValue(report)
    }
}
