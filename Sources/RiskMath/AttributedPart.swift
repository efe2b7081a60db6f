// SPDX-License-Identifier: Apache-2.0
// A part of a book with its own scenario P&L: a position, or positions under one key.

/// What risk is attributed to.
public struct AttributedPart: Sendable, Equatable {
    public var name: String
    /// In the currency of the P&L; `nil` where it has none, and then there is no marginal figure.
    public var marketValue: Double?
    /// Σ |market value| of the positions it is made of: what ``marketValue`` cancels out of.
    public var grossValue: Double?
    /// One finite value a scenario.
    public var pnl: [Double]

    /// - Parameter grossValue: of a single position it is the absolute market value, which `nil` stands for.
    public init(name: String, marketValue: Double? = nil, grossValue: Double? = nil, pnl: [Double]) {
        self.name = name
        self.marketValue = marketValue
        self.grossValue = grossValue ?? marketValue?.magnitude
        self.pnl = pnl
    }

    /// The market value, unless it is 0 but for the rounding of what cancels in it.
    var divisibleValue: Double? {
        guard let marketValue, let grossValue, marketValue.magnitude > 1e-10 * grossValue else { return nil }
        return marketValue
    }

    /// Parts under the same key as one, such as a sector, a strategy or an account: vectors and market values summed.
    ///
    /// - Parameters:
    ///   - parts: vectors of the same length.
    ///   - key: the group of a part, by its position in `parts`.
    /// - Returns: by first appearance, named by their keys. A market value is absent as soon as one of its parts' is.
    public static func grouped(_ parts: [AttributedPart], by key: (_ index: Int) -> String) -> [AttributedPart] {
        var groups: [AttributedPart] = []
        var places: [String: Int] = [:]
        for (index, part) in parts.enumerated() {
            let name = key(index)
            guard let place = places[name] else {
                places[name] = groups.count
                var group = part
                group.name = name
                groups.append(group)
                continue
            }
            groups[place].marketValue = Self.sum(groups[place].marketValue, part.marketValue)
            groups[place].grossValue = Self.sum(groups[place].grossValue, part.grossValue)
            groups[place].pnl = ScenarioPnL.sum([groups[place].pnl, part.pnl], count: part.pnl.count)
        }
        return groups
    }

    private static func sum(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left + right
    }
}
