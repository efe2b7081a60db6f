// SPDX-License-Identifier: Apache-2.0
// What can happen to an order, what it answers, and why it refuses.

import RiskDomain

/// Something that happened to an order. Each has an identifier, unique for the order: what comes twice counts once.
public struct OrderEvent: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        /// The venue has it.
        case acknowledged
        /// The venue will not have it; a stable code.
        case rejected(reason: String)
        /// The fill's identifier is what it is known by, whatever the event's.
        case filled(Fill)
        /// Somebody wants it gone.
        case cancelRequested
        /// It is gone; what is filled stays filled.
        case cancelled(reason: String?)
        case cancelRejected
        case replaceRequested(OrderChange)
        case replaced
        case replaceRejected
        case expired
        /// The venue was lost: nobody knows what became of it.
        case disconnected
        /// The venue was asked and said this.
        case reconciled(VenueTruth)
        /// The venue undoes a fill.
        case busted(fillID: String)
    }

    public var id: String
    /// Since 1970.
    public var timeNanoseconds: UInt64
    public var kind: Kind

    public init(id: String, timeNanoseconds: UInt64, kind: Kind) {
        self.id = id
        self.timeNanoseconds = timeNanoseconds
        self.kind = kind
    }
}

/// What a venue says of an order after it was lost.
public struct VenueTruth: Sendable, Equatable, Codable {
    public enum Standing: String, Sendable, CaseIterable, Codable {
        case working, filled, cancelled, expired, rejected
        /// The venue never heard of it.
        case unheardOf = "unheard_of"
    }

    public var standing: Standing
    /// Executed so far, whatever was undone included; 0 where it was never heard of.
    public var executedQuantity: Double

    public init(_ standing: Standing, executedQuantity: Double) {
        self.standing = standing
        self.executedQuantity = executedQuantity
    }
}

/// What the venue has to be told because of an event.
public enum OrderAction: Sendable, Equatable {
    case sendCancel
    case sendReplace(OrderChange)
}

public enum OrderOutcome: Sendable, Equatable {
    case applied([OrderAction])
    /// Seen before: nothing changed.
    case repeated
    /// Too late to mean anything, as a cancellation of an order that is already filled: nothing changed.
    case late
    /// Contradicts what is known: nothing changed, and somebody should look.
    case refused(OrderRefusal)
}

public enum OrderRefusal: Sendable, Equatable {
    /// More than was ordered.
    case overfilled(openQuantity: Double, fillQuantity: Double)
    /// Of another account, symbol or side, or with a number no fill may have.
    case foreignFill(id: String)
    /// The venue rejected the order, and now there is a fill.
    case filledAfterRejection(id: String)
    /// There are fills, and now the venue rejects the order.
    case rejectedAfterFill
    /// Quantity not above what is executed, a price the type does not have, or nothing to change.
    case unfitChange
    /// A replacement while the order is not at rest at the venue.
    case notReplaceable(OrderStatus)
    /// A bust of a fill nobody has seen.
    case unknownFill(id: String)
    /// Fills are missing, or the venue misses some: it stays unknown.
    case executedQuantityDiffers(known: Double, venue: Double)
    /// A replacement was not asked for.
    case nothingPending
    /// Only an order whose fate is unknown is reconciled.
    case notUnknown(OrderStatus)
}
