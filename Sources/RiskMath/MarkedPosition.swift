// SPDX-License-Identifier: Apache-2.0
// A valued position with its P&L by scenario: what the figures of an account are computed from.

import RiskDomain

struct MarkedPosition {
    var instrument: Instrument
    /// Of the instrument.
    var index: Int
    var valuation: PositionValuation
    /// Quantity · multiplier · rate; `nil` without a rate.
    var units: Double?
    /// P&L by historical scenario where the scenarios reach the position.
    var scenarioPnL: [Double]?

    /// Its absolute market value, where the scenarios reach it.
    var coveredGross: Double? { self.scenarioPnL == nil ? nil : self.valuation.marketValue?.magnitude }
}
