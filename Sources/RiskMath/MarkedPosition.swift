// SPDX-License-Identifier: Apache-2.0
// A valued position with its instrument and its scenarios: what the figures of an account are computed from.

import RiskDomain

struct MarkedPosition {
    var instrument: Instrument
    var valuation: PositionValuation
    /// Returns of the instrument, `nil` without history.
    var returns: [Double]?

    /// Market value and returns where the scenarios reach the position.
    var exposure: (marketValue: Double, returns: [Double])? {
        guard let marketValue = self.valuation.marketValue, let returns = self.returns else { return nil }
        return (marketValue, returns)
    }
}
