// SPDX-License-Identifier: Apache-2.0
// Market value and P&L of positions and of an account (DESIGN.md §5).

import RiskDomain

/// Mark-to-market: every formula takes quantities signed, so short and long need no cases.
public enum MarkToMarket {
    /// `Q·multiplier·price·fx`, in the account's currency.
    public static func marketValue(quantity: Double, multiplier: Double, price: Double, rate: Double) -> Double {
        quantity * multiplier * price * rate + 0.0
    }

    /// `(price − A)·Q·multiplier·fx`, in the account's currency.
    public static func unrealisedPnL(
        quantity: Double, averageCost: Double, multiplier: Double, price: Double, rate: Double
    ) -> Double {
        (price - averageCost) * quantity * multiplier * rate + 0.0
    }

    /// `(price − prior close)·overnight quantity + (price − trade price)·today's trades`, times multiplier and rate,
    /// plus fees.
    ///
    /// - Parameter fees: of today's trades, in the account's currency, ≤ 0.
    public static func dayPnL(
        overnightQuantity: Double, priorClose: Double, trades: [DayTrade] = [], multiplier: Double, price: Double,
        rate: Double, fees: Double = 0
    ) -> Double {
        let overnight = (price - priorClose) * overnightQuantity * multiplier * rate
        let today = trades.reduce(0) { $0 + (price - $1.price) * $1.quantity * multiplier * rate }
        return overnight + today + fees
    }

    /// Values a position carried over night.
    ///
    /// - Parameters:
    ///   - mark: `nil` before the instrument's first tick.
    ///   - priorClose: `nil` where the history has none; day P&L is then absent.
    ///   - rate: account currency per instrument currency; `nil` where there is none: the position has no value then.
    public static func value(
        of position: Position, instrument: Instrument, mark: PriceMark?, priorClose: Double?, rate: PriceMark?
    ) -> PositionValuation {
        var valuation = PositionValuation(
            symbol: position.symbol, quantity: position.quantity, averageCost: position.averageCost, price: mark?.price,
            marketValue: nil, unrealisedPnL: nil, realisedPnL: 0, dayPnL: nil, status: .missing)
        guard let mark, let rate else { return valuation }
        valuation.status = max(mark.status, rate.status)
        valuation.marketValue = Self.marketValue(
            quantity: position.quantity, multiplier: instrument.multiplier, price: mark.price, rate: rate.price)
        valuation.unrealisedPnL = Self.unrealisedPnL(
            quantity: position.quantity, averageCost: position.averageCost, multiplier: instrument.multiplier,
            price: mark.price, rate: rate.price)
        valuation.dayPnL = priorClose.map { priorClose in
            Self.dayPnL(
                overnightQuantity: position.quantity, priorClose: priorClose, multiplier: instrument.multiplier,
                price: mark.price, rate: rate.price)
        }
        return valuation
    }

    /// Sums what has a value; a total none of whose held positions has one is absent, and one over nothing held is 0.
    public static func total(
        of positions: [PositionValuation], _ value: (PositionValuation) -> Double?
    ) -> Double? {
        let held = positions.filter(\.isHeld)
        let values = held.compactMap(value)
        return values.isEmpty && !held.isEmpty ? nil : values.reduce(0, +)
    }

    /// - Parameters:
    ///   - cash: in the account's currency.
    ///   - fees: ≤ 0.
    public static func totals(cash: Double, fees: Double, positions: [PositionValuation]) -> ValuationTotals {
        ValuationTotals(
            cash: cash,
            marketValue: Self.total(of: positions, \.marketValue),
            grossExposure: Self.total(of: positions, { $0.marketValue?.magnitude }),
            unrealisedPnL: Self.total(of: positions, \.unrealisedPnL),
            realisedPnL: positions.reduce(0) { $0 + $1.realisedPnL },
            fees: fees,
            dayPnL: Self.total(of: positions, \.dayPnL))
    }

    /// Status of an account: that of its held positions, and `partial` where a priced one lacks its day P&L.
    public static func status(of positions: [PositionValuation]) -> ValueStatus {
        let held = positions.filter(\.isHeld)
        let status = ValueStatus.ofTotal(held.map(\.status))
        let lacksDay = held.contains { $0.marketValue != nil && $0.dayPnL == nil }
        return lacksDay ? max(status, .partial) : status
    }
}
