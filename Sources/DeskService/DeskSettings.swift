// SPDX-License-Identifier: Apache-2.0
// What any account may do before limits of its own.

/// Limits of the order desk; `nil` is no such limit. An account's own hard limits hold besides, the stricter counts.
public struct DeskSettings: Sendable, Equatable {
    /// Of one order; above 0.
    public var quantityMax = 10_000.0
    /// Percent beyond the live price at which an order would still trade.
    public var collarPercent: Double? = 10
    /// Of one order, in the account's currency, as all money here.
    public var orderNotionalMax: Double?
    /// Of one position with its open orders filled.
    public var positionNotionalMax: Double?
    /// Of one position in percent of equity.
    public var concentrationMax: Double?
    /// Gross exposure, with what open orders add, in multiples of equity: the buying power is what is left of it.
    public var leverageMax: Double?
    /// Of one account and user in any 60 seconds.
    public var ordersPerMinute = 60
    /// Of one account.
    public var openOrdersMax: Int? = 1_000
    /// Within so many seconds the same order again is a duplicate, unless it bears a name of its own.
    public var duplicateSeconds: Double?
    /// Decisions that may wait for the disk; beyond that, orders are refused.
    public var journalMax = 8_192
    /// Ended orders are kept in memory so long.
    public var keepSeconds: UInt64 = 60

    public init() {}
}
