// SPDX-License-Identifier: Apache-2.0
// Published backtest statistics and the supervisors' table.

import RiskMath

extension PublishedResults {
    static var backtests: [PublishedResult] {
        let kupiec = KupiecTest(exceptions: 57, observations: 1_043, probability: 0.05)
        let christoffersen = ChristoffersenTest(
            transitions: TransitionCounts(
                calmToCalm: 932, calmToException: 53, exceptionToCalm: 53, exceptionToException: 4),
            unconditional: kupiec)
        return [
            PublishedResult(
                "Kupiec's ratio, 57 of 1,043 at 5 %", .varBacktest, expected: 0.461466, decimals: 6,
                found: kupiec?.ratio.statistic),
            PublishedResult(
                "its p-value", .varBacktest, expected: 0.496939, decimals: 6, found: kupiec?.ratio.pValue),
            PublishedResult(
                "Christoffersen's ratio, 932, 53, 53, 4", .varBacktest, expected: 0.258663, decimals: 6,
                found: christoffersen?.independence.statistic),
        ] + self.nonRejection
    }

    /// The counts next to those that the test lets pass at 95 %.
    private static var nonRejection: [PublishedResult] {
        let printed: [(percent: Int, days: Int, above: Double?, below: Double)] = [
            (1, 255, nil, 7), (1, 510, 1, 11), (1, 1_000, 4, 17), (5, 255, 6, 21), (5, 510, 16, 36), (5, 1_000, 37, 65),
        ]
        return printed.flatMap { percent, days, above, below in
            let probability = Double(percent) / 100
            func isRejected(_ exceptions: Int) -> Bool {
                let test = KupiecTest(exceptions: exceptions, observations: days, probability: probability)
                return (test?.ratio.pValue ?? 1) < 0.05
            }
            let middle = Int(probability * Double(days))
            let highest = (middle...days).first(where: isRejected).map(Double.init)
            let lowest = (0...middle).last(where: isRejected).map(Double.init)
            let name = "in \(days) days at \(percent) %"
            return [
                PublishedResult(
                    "least rejected count \(name)", .kupiec, expected: below, decimals: 0, tolerance: 0,
                    found: highest)
            ]
                + (above.map { above in
                    [
                        PublishedResult(
                            "greatest rejected low count \(name)", .kupiec, expected: above, decimals: 0,
                            tolerance: 0, found: lowest)
                    ]
                } ?? [])
        }
    }

    /// 250 days at 99 %.
    static var trafficLights: [PublishedResult] {
        let cumulative = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99]
        let addOns = [0, 0, 0, 0, 0, 0.40, 0.50, 0.65, 0.75, 0.85, 1]
        let lights = cumulative.indices.map {
            TrafficLight(exceptions: $0, observations: 250, confidenceBasisPoints: 9_900)
        }
        func last(_ zone: TrafficLight.Zone) -> Double? { lights.lastIndex { $0.zone == zone }.map(Double.init) }
        return lights.indices.map { exceptions in
            PublishedResult(
                "P(X <= \(exceptions)) of 250 at 1 %, in %", .basel, expected: cumulative[exceptions], decimals: 2,
                found: 100 * lights[exceptions].cumulativeProbability)
        }
            + lights.indices.map { exceptions in
                PublishedResult(
                    "add-on at \(exceptions) of 250", .basel, expected: addOns[exceptions], decimals: 2,
                    found: lights[exceptions].multiplierAddOn)
            } + [
                PublishedResult(
                    "greatest green count", .basel, expected: 4, decimals: 0, tolerance: 0, found: last(.green)),
                PublishedResult(
                    "greatest yellow count", .basel, expected: 9, decimals: 0, tolerance: 0, found: last(.yellow)),
            ]
    }
}
