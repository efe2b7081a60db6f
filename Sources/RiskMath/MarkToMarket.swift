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

    /// The same from the sums of the day's trades: `(price − prior close)·overnight + (price·traded − cost)`, times
    /// multiplier and rate.
    public static func dayPnL(
        _ day: PositionDay, priorClose: Double, multiplier: Double, price: Double, rate: Double
    ) -> Double {
        let overnight = (price - priorClose) * day.overnightQuantity
        let today = price * day.tradedQuantity - day.tradedCost
        return (overnight + today) * multiplier * rate
    }

    /// Values a position.
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
            marketValue: nil, unrealisedPnL: nil, realisedPnL: position.realised, dayPnL: nil, status: .missing)
        let carried = PositionDay(overnightQuantity: position.quantity, tradedQuantity: 0, tradedCost: 0)
        let day = position.day ?? carried
        valuation.hasDay = position.quantity != 0 || day != .nothing
        guard let mark, let rate else { return valuation }
        valuation.status = max(mark.status, rate.status)
        valuation.marketValue = Self.marketValue(
            quantity: position.quantity, multiplier: instrument.multiplier, price: mark.price, rate: rate.price)
        valuation.unrealisedPnL = Self.unrealisedPnL(
            quantity: position.quantity, averageCost: position.averageCost, multiplier: instrument.multiplier,
            price: mark.price, rate: rate.price)
        valuation.dayPnL = priorClose.map { priorClose in
            Self.dayPnL(
                day, priorClose: priorClose, multiplier: instrument.multiplier, price: mark.price, rate: rate.price)
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
    ///   - ledger: what closed positions have realised too, and fees.
    public static func totals(
        cash: Double, ledger: AccountLedger = AccountLedger(), positions: [PositionValuation]
    ) -> ValuationTotals {
        ValuationTotals(
            cash: cash,
            marketValue: Self.total(of: positions, \.marketValue),
            grossExposure: Self.total(of: positions, { $0.marketValue?.magnitude }),
            unrealisedPnL: Self.total(of: positions, \.unrealisedPnL),
            realisedPnL: ledger.realised,
            fees: ledger.fees,
            dayPnL: Self.dayTotal(of: positions).map { $0 + ledger.dayFees })
    }

    /// Of what is held and of what was closed today; absent where none of that has day P&L.
    private static func dayTotal(of positions: [PositionValuation]) -> Double? {
        let parts = positions.filter(\.hasDay)
        let values = parts.compactMap(\.dayPnL)
        return values.isEmpty && !parts.isEmpty ? nil : values.reduce(0, +)
    }

    /// Status of an account: that of its held positions, and `partial` where a priced one or one closed today lacks its
    /// day P&L.
    public static func status(of positions: [PositionValuation]) -> ValueStatus {
        let held = positions.filter(\.isHeld)
        let status = ValueStatus.ofTotal(held.map(\.status))
        let lacksDay = positions.contains { position in
            position.hasDay && position.dayPnL == nil && (position.marketValue != nil || !position.isHeld)
        }
        return lacksDay ? max(status, .partial) : status
    }
}
