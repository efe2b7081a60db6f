// SPDX-License-Identifier: Apache-2.0
// The distributions behind the tests.

import RiskMath

/// Points at which each distribution is asked.
struct DistributionProbe: Decodable {
    var trials: Int
    var probability: Double
    var successes: [Int]
    var degrees: Int
    var statistics: [Double]
    var deviations: [Double]
    var probabilities: [Double]

    func answer() -> ProbeValue {
        let binomial = BinomialDistribution(trials: self.trials, probability: self.probability)
        return [
            "mass": ProbeValue(self.successes.map(binomial.mass)),
            "cumulative": ProbeValue(self.successes.map(binomial.cumulative)),
            "survival": ProbeValue(self.successes.map(binomial.survival)),
            "chi_squared": ProbeValue(
                self.statistics.map { ChiSquaredDistribution.survival($0, degreesOfFreedom: self.degrees) }),
            "normal_density": ProbeValue(self.deviations.map(NormalDistribution.density)),
            "normal_cumulative": ProbeValue(self.deviations.map(NormalDistribution.cumulative)),
            "normal_quantile": ProbeValue(self.probabilities.map { NormalDistribution.quantile($0) }),
        ]
    }
}
