// SPDX-License-Identifier: Apache-2.0
// The price an instrument is valued at.

import RiskDomain

/// A price in the instrument's currency and how fresh it is; an instrument without a tick so far has none.
public struct PriceMark: Sendable, Equatable {
    public var price: Double
    /// Whether the last tick is older than the convention allows: the price stays, its status says so.
    public var isStale: Bool

    public init(_ price: Double, isStale: Bool = false) {
        self.price = price
        self.isStale = isStale
    }

    /// The price of a quote: the last trade while there is one, else the middle of bid and ask, else nothing.
    public static func price(bid: Double?, ask: Double?, last: Double?) -> Double? {
        if let last { return last }
        guard let bid, let ask else { return nil }
        return (bid + ask) / 2
    }

    var status: ValueStatus { self.isStale ? .stale : .ok }
}
