// SPDX-License-Identifier: Apache-2.0
// What the desk answers: an order, or why not.

import RiskDomain
import RiskStore
import TradeDesk

/// An order as it is written down.
public struct OrderAnswer: Sendable, Equatable {
    public var order: Order
    /// Whether the request had come before.
    public var isRepeat: Bool
    public var rate: RateNumbers

    public init(order: Order, isRepeat: Bool, rate: RateNumbers) {
        self.order = order
        self.isRepeat = isRepeat
        self.rate = rate
    }
}

/// How many orders a user may still send for an account.
public struct RateNumbers: Sendable, Equatable {
    public var limit: Int
    public var windowSeconds: Int
    public var remaining: Int
    /// Until the oldest order leaves the window; 0 without one.
    public var resetSeconds: Int

    public init(limit: Int, windowSeconds: Int, remaining: Int, resetSeconds: Int) {
        self.limit = limit
        self.windowSeconds = windowSeconds
        self.remaining = remaining
        self.resetSeconds = resetSeconds
    }
}

/// Nothing changed, but where ``storeFailed(_:)`` says that nobody knows.
public enum DeskRefusal: Error, Sendable, Equatable {
    case invalid([FieldError])
    /// By the gate; at least one.
    case denied([GateDenial])
    /// Another request bears the name.
    case conflict(Order)
    case rateLimited(RateNumbers, retryAfterSeconds: Int)
    case unknownOrder
    case unknownAccount
    case unknownSymbol
    case unknownFill
    /// Nothing to close.
    case noPosition
    /// It has ended.
    case notOpen(Order)
    /// It is open, and not at rest at the venue.
    case notReplaceable(Order)
    /// It could not be written down. After ``StoreError/failed(reason:)`` orders stop until the next start.
    case storeFailed(StoreError)
    /// For people.
    case refused(String)
    /// The desk is not open yet, or no more.
    case stopping
}
