// SPDX-License-Identifier: Apache-2.0
// Backtests of forecasts at hand, and how any backtest is told.

import RiskMath

/// Days with the forecasts for them.
struct BacktestProbe: Decodable {
    var pnl: [Double]
    var valueAtRisk: [Double]
    var expectedShortfall: [Double]
    /// Basis points.
    var confidence: Int

    func answer() -> ProbeValue {
        let backtest = Backtest(
            pnl: self.pnl, valueAtRisk: self.valueAtRisk, confidenceBasisPoints: self.confidence)
        let z2 = AcerbiSzekelyZ2(
            pnl: self.pnl, valueAtRisk: self.valueAtRisk, expectedShortfall: self.expectedShortfall,
            confidenceBasisPoints: self.confidence)
        return [
            "exceptions": ProbeValue(backtest.exceptions),
            "traffic_light": ProbeValue(backtest.trafficLight),
            "last_year": backtest.trafficLight(newest: 250).map { ProbeValue($0) } ?? .absent,
            "kupiec": backtest.kupiec.map { ProbeValue($0.ratio) } ?? .absent,
            "christoffersen": backtest.christoffersen.map { ProbeValue($0) } ?? .absent,
            "z2": ProbeValue(z2?.statistic),
        ]
    }
}

extension ProbeValue {
    init(_ light: TrafficLight) {
        self = [
            "cumulative": ProbeValue(light.cumulativeProbability), "zone": ProbeValue(light.zone.rawValue),
            "add_on": ProbeValue(light.multiplierAddOn),
        ]
    }

    init(_ ratio: LikelihoodRatio) {
        self = [
            "statistic": ProbeValue(ratio.statistic), "degrees": ProbeValue(ratio.degreesOfFreedom),
            "p_value": ProbeValue(ratio.pValue),
        ]
    }

    init(_ test: ChristoffersenTest) {
        let counts = test.transitions
        self = [
            "transitions": ProbeValue([
                counts.calmToCalm, counts.calmToException, counts.exceptionToCalm, counts.exceptionToException,
            ]),
            "independence": ProbeValue(test.independence),
            "conditional_coverage": ProbeValue(test.conditionalCoverage),
        ]
    }

    init(_ report: BacktestReport) {
        self = [
            "from": ProbeValue(report.days.lowerBound), "to": ProbeValue(report.days.upperBound),
            "var": ProbeValue(report.valueAtRisk), "es": ProbeValue(report.expectedShortfall),
            "exceptions": ProbeValue(report.exceptions),
            "traffic_light": ProbeValue(report.trafficLight),
            "last_year": report.trafficLightOfLastYear.map { ProbeValue($0) } ?? .absent,
            "kupiec": ProbeValue(report.kupiec.ratio),
            "christoffersen": report.christoffersen.map { ProbeValue($0) } ?? .absent,
            "z2": ProbeValue(report.acerbiSzekely?.statistic),
        ]
    }
}
