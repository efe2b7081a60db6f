// SPDX-License-Identifier: Apache-2.0
// The totals of an account or of the firm.

/// Totals in one currency; absent values are `nil`.
public struct ValuationTotals: Sendable, Equatable {
    public var cash: Double?
    public var marketValue: Double?
    /// Cash plus market value.
    public var equity: Double?
    /// Σ |market value|.
    public var grossExposure: Double?
    /// Σ market value.
    public var netExposure: Double?
    public var unrealisedPnL: Double?
    public var realisedPnL: Double?
    /// ≤ 0.
    public var fees: Double?
    public var dayPnL: Double?
    /// Realised plus unrealised plus fees.
    public var totalPnL: Double?

    /// Equity and total P&L follow from the rest.
    public init(
        cash: Double?, marketValue: Double?, grossExposure: Double?, unrealisedPnL: Double?, realisedPnL: Double?,
        fees: Double?, dayPnL: Double?
    ) {
        self.cash = cash
        self.marketValue = marketValue
        self.grossExposure = grossExposure
        self.netExposure = marketValue
        self.unrealisedPnL = unrealisedPnL
        self.realisedPnL = realisedPnL
        self.fees = fees
        self.dayPnL = dayPnL
        if let cash, let marketValue { self.equity = cash + marketValue }
        if let realisedPnL, let unrealisedPnL, let fees { self.totalPnL = realisedPnL + unrealisedPnL + fees }
    }
}
