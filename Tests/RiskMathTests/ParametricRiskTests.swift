// SPDX-License-Identifier: Apache-2.0
// Variance–covariance risk: Jorion's example, moving averages by hand, and agreement with P&L vectors.

import RiskMath
import RiskSimulation
import Testing

@Suite struct ParametricRiskTests {
    /// Jorion, "Value at Risk", 3rd edition 2007, chapter 7: two currencies, no correlation, volatilities 5 and
    /// 12 %, z = 1.65.
    @Test func componentsOfTwoCurrenciesAreJorions() {
        let covariance = CovarianceMatrix(rows: [[0.05 * 0.05, 0], [0, 0.12 * 0.12]])
        let exposures = [2_000_000.0, 1_000_000]
        let components = ParametricRisk.components(exposures: exposures, covariance: covariance, deviations: 1.65)
        let total = 1.65 * ParametricRisk(exposures: exposures, covariance: covariance).standardDeviation
        #expect((total - 257_738.24).magnitude < 0.005)
        #expect((components[0] - 105_630.43).magnitude < 0.005 && (components[1] - 152_107.81).magnitude < 0.005)
        #expect(isClose(components[0] + components[1], total))
    }

    @Test func figuresAreMultiplesOfTheDeviation() {
        let risk = ParametricRisk(standardDeviation: 1_000)
        #expect((risk.valueAtRisk(confidenceBasisPoints: 9_900) - 2_326.3478740408).magnitude < 1e-9)
        #expect((risk.expectedShortfall(confidenceBasisPoints: 9_900) - 2_665.2142203).magnitude < 1e-6)
        #expect((risk.expectedShortfall(confidenceBasisPoints: 9_750) - 2_337.8027922).magnitude < 1e-6)
    }

    /// Mean squares 100/4 and 21/3, without the mean taken off; then half of the last and half of the square.
    @Test func deviationIsTheRootMeanSquareOrItsMovingAverage() {
        #expect(ParametricRisk(pnl: [1, -7, 5, 5])?.standardDeviation == 5)
        let path = ExponentialVariance(decay: 0.5).path([2, 4, -1])
        #expect(path == [7, 5.5, 10.75, 5.875])
        let risk = ParametricRisk(pnl: [2, 4, -1], variance: ExponentialVariance(decay: 0.5))
        #expect(risk?.standardDeviation == 5.875.squareRoot())
        #expect(ParametricRisk(pnl: []) == nil)
        #expect(ParametricRisk(pnl: [], variance: ExponentialVariance()) == nil)
    }

    @Test(arguments: UInt64(1)...20)
    func linearBookHasTheSameRiskFromItsVectorAndFromCovariances(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let common = (0..<120).map { _ in random.nextNormal() }
        let returns = (0..<6).map { _ in common.map { 0.01 * ($0 + random.nextNormal()) } }
        let exposures = (0..<6).map { _ in 1e6 * (random.nextUniform() - 0.5) }
        let vectors = zip(exposures, returns).map { exposure, changes in changes.map { exposure * $0 } }
        let pnl = ScenarioPnL.sum(vectors, count: 120)
        let variance = ExponentialVariance(decay: 0.97)
        let pairs = [
            (try #require(ParametricRisk(pnl: pnl)), CovarianceMatrix(returns: returns)),
            (
                try #require(ParametricRisk(pnl: pnl, variance: variance)),
                CovarianceMatrix(returns: returns, variance: variance)
            ),
        ]
        for (vector, covariance) in pairs {
            let book = ParametricRisk(exposures: exposures, covariance: covariance)
            #expect(relativeError(book.standardDeviation, vector.standardDeviation) <= 1e-10, "seed \(seed)")
            let deviations = NormalDistribution.quantile(confidenceBasisPoints: 9_900)
            let components = ParametricRisk.components(
                exposures: exposures, covariance: covariance, deviations: deviations)
            let total = book.valueAtRisk(confidenceBasisPoints: 9_900)
            #expect(relativeError(components.reduce(0, +), total) <= 1e-12, "seed \(seed)")
        }
    }

    @Test func bookThatCannotMoveHasNoRisk() {
        let covariance = CovarianceMatrix(returns: [[0, 0], [0, 0]])
        #expect(ParametricRisk(exposures: [1, 2], covariance: covariance).standardDeviation == 0)
        #expect(ParametricRisk.components(exposures: [1, 2], covariance: covariance, deviations: 2) == [0, 0])
    }

    /// Variances 7, 5.5, 10.75 and next 5.875.
    @Test func scaledReturnsHaveTomorrowsVolatility() {
        let scaled = VolatilityScaling(variance: ExponentialVariance(decay: 0.5)).scaled([2, 4, -1])
        let expected = [2 * (5.875 / 7).squareRoot(), 4 * (5.875 / 5.5).squareRoot(), -(5.875 / 10.75).squareRoot()]
        #expect(scaled.count == 3 && zip(scaled, expected).allSatisfy { isClose($0, $1) })
        #expect(VolatilityScaling().scaled([0, 0]) == [0, 0] && VolatilityScaling().scaled([]).isEmpty)
    }

    /// A calm half after a wild one: past losses shrink, and the other way round they grow.
    @Test func scalingFollowsTheVolatilityOfTheLastDays() {
        let wild = (0..<100).map { $0 % 2 == 0 ? 0.04 : -0.04 }
        let calm = wild.map { $0 / 8 }
        #expect(VolatilityScaling().scaled(wild + calm)[50].magnitude < 0.01)
        #expect(VolatilityScaling().scaled(calm + wild)[50].magnitude > 0.01)
    }
}
