// SPDX-License-Identifier: Apache-2.0
// Everything the data of the `firm` channel shows, as a plain value.

import RiskDomain

/// The firm's figures in the base currency; absent values are `nil` or not in their map.
public struct FirmValuation: Sendable, Equatable {
    /// The base currency.
    public var currency: String
    public var status: ValueStatus
    public var totals: ValuationTotals
    public var risk: RiskFigures
    /// The sum of the accounts' one-day P&L by scenario.
    public var scenarioPnL: [Double]?
    public var stress: [String: Double]
    /// By underlying of any account's positions in options.
    public var greeks: [String: CashGreeks]
    public var margin: MarginFigures
    public var sectors: [String: SectorExposure]
    /// All accounts in ascending identifier, each in its own currency, those left out of the totals too.
    public var accounts: [AccountValuation]
}
