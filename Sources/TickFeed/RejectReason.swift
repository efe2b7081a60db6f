// SPDX-License-Identifier: Apache-2.0
// Why a message or a tick was refused, and how often.

/// Why a message or tick was refused (DESIGN.md §4); the raw value is the metric's label.
public enum RejectReason: String, Error, Sendable, CaseIterable {
    /// Header, length, kind, flags or frames of the message.
    case framing
    /// Not JSON, not one of the two JSON forms, or a JSON tick with a wrongly typed or missing member.
    case json
    case unknownInstrument = "unknown_instrument"
    /// NaN or infinite, or a JSON number beyond a double.
    case nonFinite = "non_finite"
    /// Not positive where the instrument has only positive prices, or beyond ``Tick/priceLimit``.
    case priceRange = "price_range"
    /// Ask below bid within one tick.
    case crossed
    /// A trading status that is none.
    case status

    /// Dense from 0, in the order of ``allCases``.
    public var index: Int {
        switch self {
        case .framing: 0
        case .json: 1
        case .unknownInstrument: 2
        case .nonFinite: 3
        case .priceRange: 4
        case .crossed: 5
        case .status: 6
        }
    }
}

/// Refusals by reason, of one message or of many.
public struct RejectCounts: Sendable {
    private var counts = InlineArray<7, Int>(repeating: 0)

    public init() {}

    public subscript(reason: RejectReason) -> Int { self.counts[reason.index] }

    /// Over all reasons.
    public var total: Int {
        var sum = 0
        for index in self.counts.indices { sum += self.counts[index] }
        return sum
    }

    public mutating func add(_ reason: RejectReason, count: Int = 1) { self.counts[reason.index] += count }

    mutating func reset() { self.counts = InlineArray(repeating: 0) }
}
