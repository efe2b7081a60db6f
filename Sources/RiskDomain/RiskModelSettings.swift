// SPDX-License-Identifier: Apache-2.0
// The parameters of the further risk models and of what is computed to judge them.

/// Section `models` of the configuration.
public struct RiskModelSettings: Sendable, Equatable {
    /// λ of age-weighted historical simulation (Boudoukh, Richardson & Whitelaw 1998): each scenario weighs λ times the
    /// next newer one; 0.5 to 0.9999.
    public var ageWeightedLambda: Double
    /// λ of exponentially weighted volatility (RiskMetrics Technical Document, 4th edition 1996); 0.5 to 0.9999.
    public var volatilityLambda: Double
    /// Returns in the window of stress, the worst of the history; 1 to 5,000.
    public var stressedDays: Int
    /// Coverage of the confidence interval around VaR in basis points, 1 to 9,999.
    public var intervalLevel: Int
    /// Worst scenarios listed by date, 1 to 1,000.
    public var worstScenarios: Int
    /// Bins of the histogram of scenario P&L, 2 to 1,000.
    public var histogramBins: Int
    /// Newest days of the history whose VaR is compared with what came after, 1 to 5,000.
    public var backtestDays: Int

    public init(
        ageWeightedLambda: Double = 0.98, volatilityLambda: Double = 0.94, stressedDays: Int = 250,
        intervalLevel: Int = 9500, worstScenarios: Int = 10, histogramBins: Int = 60, backtestDays: Int = 250
    ) {
        self.ageWeightedLambda = ageWeightedLambda
        self.volatilityLambda = volatilityLambda
        self.stressedDays = stressedDays
        self.intervalLevel = intervalLevel
        self.worstScenarios = worstScenarios
        self.histogramBins = histogramBins
        self.backtestDays = backtestDays
    }
}
