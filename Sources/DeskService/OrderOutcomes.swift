// SPDX-License-Identifier: Apache-2.0
// What became of orders, counted for metrics.

import RiskDomain
import Synchronization

/// Statuses orders came to once they were written down, and why orders were refused. Callable from any thread.
public final class OrderOutcomes: Sendable {
    private static let refusals = ["conflict", "denied", "invalid", "rate_limited", "refused", "store_failed"]

    /// All there are, so that each has a sample from the start.
    private let counts = Mutex(
        Dictionary(uniqueKeysWithValues: (OrderStatus.allCases.map(\.rawValue) + refusals).map { ($0, UInt64(0)) }))

    func count(_ outcome: String) { self.counts.withLock { $0[outcome, default: 0] += 1 } }

    func count(_ refusal: DeskRefusal) {
        switch refusal {
        case .conflict: self.count("conflict")
        case .denied: self.count("denied")
        case .invalid: self.count("invalid")
        case .rateLimited: self.count("rate_limited")
        case .storeFailed: self.count("store_failed")
        default: self.count("refused")
        }
    }

    /// Ascending by outcome.
    public var samples: [(outcome: String, count: UInt64)] {
        self.counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
