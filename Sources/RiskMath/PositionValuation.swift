// SPDX-License-Identifier: Apache-2.0
// One position with its values, as an account's data shows it.

import RiskDomain

/// A valued position. Money is in the account's currency, prices in the instrument's; absent values are `nil`.
public struct PositionValuation: Sendable, Equatable {
    public var symbol: String
    public var quantity: Double
    public var averageCost: Double
    public var price: Double?
    public var marketValue: Double?
    public var unrealisedPnL: Double?
    public var realisedPnL: Double
    /// Absent without a price or without a prior close.
    public var dayPnL: Double?
    /// Of the price; `missing` also where there is no rate into the account's currency.
    public var status: ValueStatus
    /// Whether the day's P&L has a part in it: it is held, or was closed today.
    public var hasDay: Bool

    public init(
        symbol: String, quantity: Double, averageCost: Double, price: Double?, marketValue: Double?,
        unrealisedPnL: Double?, realisedPnL: Double, dayPnL: Double?, status: ValueStatus, hasDay: Bool = true
    ) {
        self.symbol = symbol
        self.quantity = quantity
        self.averageCost = averageCost
        self.price = price
        self.marketValue = marketValue
        self.unrealisedPnL = unrealisedPnL
        self.realisedPnL = realisedPnL
        self.dayPnL = dayPnL
        self.status = status
        self.hasDay = hasDay
    }

    /// Whether the position counts: a closed one has no part in status, coverage or what is excluded.
    public var isHeld: Bool { self.quantity != 0 }
}
