// SPDX-License-Identifier: Apache-2.0
// Where orders go: the seam behind which a simulated and an outside venue look the same.

import RiskDomain
import TradeDesk

/// A venue talks in ``VenueCommand`` and ``VenueReport``.
public protocol Venue: Sendable {
    /// Open orders as the journal has them, before ``start(_:onLink:)``; their filled quantity is what was executed,
    /// undone fills included. Only a venue that forgets with the process needs them.
    func restore(_ orders: [Order])

    /// - Parameters:
    ///   - receive: takes reports in the order in which they happened, from any thread, one call after the other.
    ///   - onLink: whether the venue can be reached.
    func start(_ receive: @escaping @Sendable ([VenueReport]) -> Void, onLink: @escaping @Sendable (Bool) -> Void)

    /// Does not wait; callable from any thread. Quotes mean nothing to an outside venue.
    func send(_ commands: [VenueCommand])

    /// What became of orders; `nil` where it cannot be reached.
    func reconcile(_ orderIDs: [UInt64]) async -> [UInt64: VenueTruth]?

    func stop() async
}

extension Venue {
    public func restore(_ orders: [Order]) {}
}
