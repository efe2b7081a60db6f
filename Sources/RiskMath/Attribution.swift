// SPDX-License-Identifier: Apache-2.0
// Where the risk of a book comes from, part by part.

import RiskDomain

/// VaR and ES of a book split over its parts.
///
/// Components are Euler's: `c_i = w_i·∂VaR/∂w_i`, for historical simulation the P&L of each part in the scenarios
/// that make the figure, so they sum to it (Tasche, "Risk contributions and performance measurement", 1999;
/// Hallerbach, "Decomposing portfolio value-at-risk", Journal of Risk 5, 2003). Where scenarios tie, the earlier is
/// taken (``RankedScenarios``). All figures are positive for a loss, or for a gain in the gain tail; a negative
/// component hedges.
public struct Attribution: Sendable, Equatable {
    /// The figures of one part; absent where that of the book is.
    public struct Part: Sendable, Equatable {
        public var name: String
        /// What the part adds to VaR.
        public var componentValueAtRisk: Double?
        /// What the part adds to ES.
        public var componentExpectedShortfall: Double?
        /// Component VaR per unit of market value; absent also without one, or where long and short cancel in it.
        public var marginalValueAtRisk: Double?
        /// VaR of the part alone.
        public var standAloneValueAtRisk: Double?
        /// By how much VaR exceeds that of the book without the part.
        public var incrementalValueAtRisk: Double?
    }

    public var confidenceBasisPoints: Int
    public var valueAtRisk: Double?
    public var expectedShortfall: Double?
    /// Indices of the scenarios VaR is read off: one, or the two it stands between.
    public var scenarios: [Int]
    /// In the order given.
    public var parts: [Part]
    /// Sum of the stand-alone VaRs minus VaR; never surely positive, as VaR is not subadditive.
    public var diversificationBenefit: Double?

    /// Attributes the risk of the sum of the parts.
    ///
    /// - Parameters:
    ///   - parts: vectors of `count` values.
    ///   - count: the number of scenarios.
    ///   - total: their sum where it is at hand, so that its bits are those published; `nil` sums them in the order
    ///     given.
    ///   - confidenceBasisPoints: 1 to 9,999.
    public init(
        of parts: [AttributedPart], count: Int, total: [Double]? = nil, confidenceBasisPoints: Int,
        quantile: QuantileDefinition, shortfall: ShortfallDefinition = .acerbiTasche, tail: Tail = .loss
    ) {
        let losing = parts.map { tail.losing($0.pnl) }
        let sum = total.map(tail.losing) ?? ScenarioPnL.sum(losing, count: count)
        precondition(sum.count == count && losing.allSatisfy { $0.count == count }, "vectors of \(count) scenarios")
        let reading = TailReading(
            pnl: sum, confidenceBasisPoints: confidenceBasisPoints, quantile: quantile, shortfall: shortfall)
        let measure = { (pnl: [Double]) in
            Quantiles.valueAtRisk(pnl: pnl, confidenceBasisPoints: confidenceBasisPoints, definition: quantile)
        }
        self.confidenceBasisPoints = confidenceBasisPoints
        self.valueAtRisk = reading.valueAtRisk(sum)
        self.expectedShortfall = reading.expectedShortfall(sum)
        self.scenarios = reading.scenarios
        self.parts = []
        for (part, pnl) in zip(parts, losing) {
            let component = reading.valueAtRisk(pnl)
            let rest = measure(zip(sum, pnl).map { $0 - $1 })
            self.parts.append(
                Part(
                    name: part.name, componentValueAtRisk: component,
                    componentExpectedShortfall: reading.expectedShortfall(pnl),
                    marginalValueAtRisk: Self.marginal(component, part.divisibleValue),
                    standAloneValueAtRisk: measure(pnl),
                    incrementalValueAtRisk: Self.difference(self.valueAtRisk, rest)))
        }
        let alone = self.parts.compactMap(\.standAloneValueAtRisk).reduce(0, +)
        self.diversificationBenefit = self.valueAtRisk.map { alone - $0 }
    }

    /// By how much VaR grows when a trade is added: `VaR(P + trade) − VaR(P)`.
    ///
    /// - Parameters:
    ///   - trade: P&L of the trade, aligned with `pnl`.
    ///   - pnl: of the book it is added to.
    /// - Returns: `nil` without scenarios or with too few for the definition.
    public static func incrementalValueAtRisk(
        adding trade: [Double], to pnl: [Double], confidenceBasisPoints: Int, quantile: QuantileDefinition,
        tail: Tail = .loss
    ) -> Double? {
        let measure = { (pnl: [Double]) in
            Quantiles.valueAtRisk(
                pnl: pnl, confidenceBasisPoints: confidenceBasisPoints, definition: quantile, tail: tail)
        }
        return Self.difference(measure(ScenarioPnL.sum([pnl, trade], count: pnl.count)), measure(pnl))
    }

    private static func marginal(_ component: Double?, _ marketValue: Double?) -> Double? {
        guard let component, let marketValue else { return nil }
        return component / marketValue
    }

    private static func difference(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left - right
    }
}
