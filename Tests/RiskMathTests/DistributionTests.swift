// SPDX-License-Identifier: Apache-2.0
// Normal, chi-squared and binomial probabilities against published tables and values of forty digits.

import RiskMath
import Testing

/// Expected values without a source at the test were written by mpmath 1.3 with 40 digits.
@Suite struct DistributionTests {
    @Test(arguments: [
        (0.25, -0.67448975019608174), (0.05, -1.6448536269514727), (0.025, -1.9599639845400542),
        (0.01, -2.3263478740408411), (0.001, -3.0902323061678135), (1e-10, -6.3613409024040562),
        (1e-100, -21.273453560965324), (0.4999, -0.00025066283008800749),
    ])
    func normalQuantileIsThatOfTheTables(probability: Double, expected: Double) {
        // Near the median the probability itself is known to 10⁻¹⁶ of 1 only.
        let allowed = expected.magnitude < 0.01 ? 1e-12 : 2e-15
        #expect(relativeError(NormalDistribution.quantile(probability), expected) <= allowed)
        #expect(relativeError(NormalDistribution.cumulative(expected), probability) <= 1e-13)
    }

    @Test func normalQuantileIsOddAndZeroInTheMiddle() {
        #expect(NormalDistribution.quantile(0.5).magnitude < 1e-16)
        #expect(NormalDistribution.quantile(0.75) == -NormalDistribution.quantile(0.25))
        #expect(NormalDistribution.quantile(1e-300) < -37 && NormalDistribution.quantile(1 - 0x1p-53) > 8)
    }

    @Test(arguments: [
        (-10.0, 7.619853024160526e-24), (-5, 2.8665157187919391e-7), (-1, 0.15865525393145705),
        (0.5, 0.6914624612740131), (2, 0.97724986805182079), (0, 0.5),
    ])
    func normalProbabilityKeepsItsDigitsInTheTail(value: Double, expected: Double) {
        #expect(relativeError(NormalDistribution.cumulative(value), expected) <= 1e-14)
    }

    @Test func normalDensityIsThatOfTheTables() {
        #expect(relativeError(NormalDistribution.density(0), 0.3989422804014327) <= 1e-15)
        #expect(relativeError(NormalDistribution.density(-2), 0.05399096651318806) <= 1e-14)
    }

    @Test func shortfallFactorsAreThePublishedOnes() {
        #expect(isClose(NormalDistribution.shortfall(confidenceBasisPoints: 9_900).rounded(digits: 10), 2.6652142203))
        #expect(isClose(NormalDistribution.shortfall(confidenceBasisPoints: 9_750).rounded(digits: 10), 2.3378027922))
    }

    @Test(arguments: [
        (3.841458820694124, 1, 0.05), (0.461466, 1, 0.49693963200894983), (5.991464547107979, 2, 0.05),
        (0.001, 1, 0.97477287936996039), (40, 3, 1.0655090334255861e-8), (18.307, 10, 0.05000058909139812),
        (150, 100, 0.00090393204235400909), (0.5, 7, 0.99944648139042497),
    ])
    func chiSquaredSurvivalIsThatOfTheTables(value: Double, degrees: Int, expected: Double) {
        #expect(
            relativeError(ChiSquaredDistribution.survival(value, degreesOfFreedom: degrees), expected) <= 1e-13)
    }

    @Test func chiSquaredSurvivalFallsFromOneToZero() {
        #expect(ChiSquaredDistribution.survival(0, degreesOfFreedom: 1) == 1)
        #expect(ChiSquaredDistribution.survival(.infinity, degreesOfFreedom: 2) == 0)
        let path = (1...200).map { ChiSquaredDistribution.survival(Double($0) / 8, degreesOfFreedom: 3) }
        #expect(zip(path, path.dropFirst()).allSatisfy { $0 > $1 })
    }

    /// 0.8922 and 0.9997 stand in the Basel Committee's table of 1996.
    @Test(arguments: [
        (4, 250, 0.01, 0.89218762690362528, 0.10781237309637473),
        (9, 250, 0.01, 0.99974980993125949, 2.501900687405076e-4),
        (10, 250, 0.01, 0.99994610137095296, 5.3898629047040045e-5),
        (0, 250, 0.01, 0.08105851616218146, 0.91894148383781855),
        (50, 1_000, 0.05, 0.53752904080142756, 0.46247095919857244), (7, 10, 0.5, 0.9453125, 0.0546875),
        (3, 8_300, 0.01, 6.0224087073443566e-32, 1), (83, 8_300, 0.01, 0.52914854380874925, 0.47085145619125075),
        (140, 8_300, 0.01, 0.99999999643986162, 3.5601383808995481e-9),
    ])
    func binomialProbabilitiesKeepTheirDigitsInBothTails(
        successes: Int, trials: Int, probability: Double, cumulative: Double, survival: Double
    ) {
        let binomial = BinomialDistribution(trials: trials, probability: probability)
        #expect(relativeError(binomial.cumulative(successes), cumulative) <= 1e-10)
        #expect(relativeError(binomial.survival(successes), survival) <= 1e-10)
    }

    @Test func binomialMassesSumToOne() {
        let binomial = BinomialDistribution(trials: 30, probability: 0.3)
        #expect(isClose((0...30).reduce(0) { $0 + binomial.mass($1) }, 1))
        #expect(binomial.cumulative(-1) == 0 && binomial.cumulative(30) == 1)
        #expect(binomial.survival(-1) == 1 && binomial.survival(30) == 0)
        #expect(binomial.mass(-1) == 0 && binomial.mass(31) == 0)
    }
}

extension Double {
    /// As a table prints it.
    fileprivate func rounded(digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        return (self * scale).rounded() / scale
    }
}
