// SPDX-License-Identifier: Apache-2.0
// What a named stress scenario does to positions.

import RiskDomain

/// P&L under an instantaneous shock; negative is a loss.
public enum StressLoss {
    /// `Σ MV_i·shock_i`, the most specific shock of each instrument; an instrument no shock names stays where it is.
    ///
    /// - Parameter exposures: instruments with their market values, those without history included.
    public static func profitAndLoss(
        under scenario: StressScenario, exposures: [(instrument: Instrument, marketValue: Double)]
    ) -> Double {
        exposures.reduce(0) { $0 + $1.marketValue * (scenario.shock(for: $1.instrument)?.price ?? 0) }
    }
}
