// SPDX-License-Identifier: Apache-2.0
// Everything the data of an `account:ID` channel shows, as a plain value.

import RiskDomain

/// An account's figures at one set of prices, in the account's currency; absent values are `nil` or not in their map.
public struct AccountValuation: Sendable, Equatable {
    public var account: String
    public var currency: String
    public var status: ValueStatus
    public var totals: ValuationTotals
    public var risk: RiskFigures
    /// One-day P&L by scenario, before any scaling; absent where VaR is for want of prices or history.
    public var scenarioPnL: [Double]?
    /// P&L by scenario name, negative = loss.
    public var stress: [String: Double]
    /// By underlying of the positions in options.
    public var greeks: [String: CashGreeks]
    public var margin: MarginFigures
    public var sectors: [String: SectorExposure]
    /// In the order of the positions file.
    public var positions: [PositionValuation]

    /// Whether any position has a quantity.
    public var holdsAnything: Bool { self.positions.contains(where: \.isHeld) }
}
