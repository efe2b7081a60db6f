// SPDX-License-Identifier: Apache-2.0
// Greeks in money, by underlying.

import RiskDomain

/// What adds up although options of different underlyings do not; absent values are `nil`.
public struct CashGreeks: Sendable, Equatable {
    /// Σ units · Δ · S, plus the market value held of the underlying itself.
    public var delta: Double?
    /// Σ units · Γ · S² / 100: change of ``delta`` for one percent of the underlying.
    public var gamma: Double?
    /// Σ units · vega / 100: for one point of volatility.
    public var vega: Double?
    /// Σ units · θ / 365: for one calendar day.
    public var theta: Double?
    /// Σ units · ρ / 100: for one percent of interest.
    public var rho: Double?

    public init() {}

    mutating func add(_ greeks: OptionGreeks, spot: Double, units: Double) {
        Self.add(units * greeks.delta * spot, to: &self.delta)
        Self.add(units * greeks.gamma * spot * spot / 100, to: &self.gamma)
        Self.add(units * greeks.vega / 100, to: &self.vega)
        Self.add(units * greeks.theta / 365, to: &self.theta)
        Self.add(units * greeks.rho / 100, to: &self.rho)
    }

    mutating func addUnderlying(marketValue: Double) { Self.add(marketValue, to: &self.delta) }

    mutating func add(_ other: CashGreeks, rate: Double) {
        if let delta = other.delta { Self.add(rate * delta, to: &self.delta) }
        if let gamma = other.gamma { Self.add(rate * gamma, to: &self.gamma) }
        if let vega = other.vega { Self.add(rate * vega, to: &self.vega) }
        if let theta = other.theta { Self.add(rate * theta, to: &self.theta) }
        if let rho = other.rho { Self.add(rate * rho, to: &self.rho) }
    }

    private static func add(_ value: Double, to sum: inout Double?) { sum = (sum ?? 0) + value }

    /// Of an account's positions, by underlying; only those with positions in options, closed ones too.
    static func byUnderlying(_ positions: [MarkedPosition], in market: PricedMarket) -> [String: CashGreeks] {
        var result: [String: CashGreeks] = [:]
        for position in positions {
            if let underlying = position.instrument.option?.underlying { result[underlying] = CashGreeks() }
        }
        for position in positions {
            if let option = market.options[position.index] {
                guard let greeks = option.greeks, let spot = option.spot, let units = position.units else { continue }
                result[option.terms.underlying]?.add(greeks, spot: spot, units: units)
            } else if let marketValue = position.valuation.marketValue, position.valuation.isHeld {
                result[position.instrument.symbol]?.addUnderlying(marketValue: marketValue)
            }
        }
        return result
    }
}
