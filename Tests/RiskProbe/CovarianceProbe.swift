// SPDX-License-Identifier: Apache-2.0
// Parametric risk from exposures and the covariances of returns.

import RiskMath

/// Aligned returns, oldest first, one row an exposure.
struct CovarianceProbe: Decodable {
    var returns: [[Double]]
    var exposures: [Double]
    /// Basis points.
    var confidence: Int
    var decay: Double

    func answer() -> ProbeValue {
        [
            "equal": self.answer(CovarianceMatrix(returns: self.returns)),
            "ewma": self.answer(
                CovarianceMatrix(returns: self.returns, variance: ExponentialVariance(decay: self.decay))),
        ]
    }

    private func answer(_ matrix: CovarianceMatrix) -> ProbeValue {
        let risk = ParametricRisk(exposures: self.exposures, covariance: matrix)
        return [
            "matrix": .list(
                (0..<matrix.order).map { row in ProbeValue((0..<matrix.order).map { matrix[row, $0] }) }),
            "sigma": ProbeValue(risk.standardDeviation),
            "var": ProbeValue(risk.valueAtRisk(confidenceBasisPoints: self.confidence)),
            "es": ProbeValue(risk.expectedShortfall(confidenceBasisPoints: self.confidence)),
            "components": ProbeValue(
                ParametricRisk.components(
                    exposures: self.exposures, covariance: matrix,
                    deviations: NormalDistribution.quantile(confidenceBasisPoints: self.confidence))),
        ]
    }
}
