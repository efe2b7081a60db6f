// SPDX-License-Identifier: Apache-2.0
// How much of a book the scenarios reach: published beside VaR, so that no instrument is silently riskless.

/// What the scenarios cover and what they leave out.
public struct Coverage: Sendable, Equatable {
    /// Σ |market value| of what has a price.
    public var pricedGross: Double
    /// The part of it whose instruments have scenario returns.
    public var coveredGross: Double
    /// Whether something is held and nothing of it has a value.
    public var isMissing: Bool
    /// Symbols held without a value or without returns, ascending and unique.
    public var excluded: [String]

    public init(pricedGross: Double, coveredGross: Double, isMissing: Bool, excluded: [String]) {
        self.pricedGross = pricedGross
        self.coveredGross = coveredGross
        self.isMissing = isMissing
        self.excluded = excluded
    }

    /// `covered / priced · 100`; 100 for an empty book or one worth nothing, absent where nothing held has a value.
    public var percent: Double? {
        if self.isMissing { return nil }
        return self.pricedGross == 0 ? 100 : self.coveredGross / self.pricedGross * 100
    }

    static func of(_ positions: [MarkedPosition]) -> Coverage {
        let held = positions.filter(\.valuation.isHeld)
        let gross = held.compactMap { $0.valuation.marketValue?.magnitude }
        let covered = held.compactMap(\.coveredGross)
        return Coverage(
            pricedGross: gross.reduce(0, +), coveredGross: covered.reduce(0, +),
            isMissing: !held.isEmpty && gross.isEmpty,
            excluded: held.filter { $0.scenarioPnL == nil }.map(\.valuation.symbol).sorted())
    }

    func converted(at rate: Double) -> Coverage {
        var converted = self
        converted.pricedGross *= rate
        converted.coveredGross *= rate
        return converted
    }

    static func merged(_ accounts: [Coverage], isMissing: Bool) -> Coverage {
        Coverage(
            pricedGross: accounts.reduce(0) { $0 + $1.pricedGross },
            coveredGross: accounts.reduce(0) { $0 + $1.coveredGross },
            isMissing: isMissing,
            excluded: Set(accounts.flatMap(\.excluded)).sorted())
    }
}
