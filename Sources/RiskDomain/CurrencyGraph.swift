// SPDX-License-Identifier: Apache-2.0
// How one currency converts into another: through quoted pairs, at most three of them, and minor units.

/// One quoted pair on the way from one currency to another.
public struct RateLeg: Sendable, Hashable {
    /// Index of the currency pair's instrument.
    public var instrument: Int
    /// Whether its price divides instead of multiplying.
    public var isInverted: Bool

    public init(instrument: Int, isInverted: Bool) {
        self.instrument = instrument
        self.isInverted = isInverted
    }

    /// Units of the currency it leads to per unit of the one it comes from.
    public func factor(_ price: Double) -> Double { self.isInverted ? 1 / price : price }
}

/// Rate = `scale` · Π legs, from left to right.
public struct RatePath: Sendable, Hashable {
    public var legs: [RateLeg]
    /// 1 unless a minor unit is involved: 0.01 from pence to pounds.
    public var scale: Double

    public init(legs: [RateLeg] = [], scale: Double = 1) {
        self.legs = legs
        self.scale = scale
    }

    /// - Parameter factor: of a leg; `nil` where it has none.
    /// - Returns: `nil` where one leg has none.
    public func rate(_ factor: (RateLeg) -> Double?) -> Double? {
        var rate = self.scale
        for leg in self.legs {
            guard let next = factor(leg) else { return nil }
            rate *= next
        }
        return rate
    }
}

/// The currencies as nodes, the quoted pairs as edges.
public struct CurrencyGraph: Sendable {
    public static let legsMax = 3
    /// Minor units in which some exchanges quote: their currency, and how much of it one is.
    public static let minorUnits: [String: (currency: String, size: Double)] = [
        "GBX": ("GBP", 0.01), "GBp": ("GBP", 0.01), "ZAC": ("ZAR", 0.01), "ZAc": ("ZAR", 0.01), "ILA": ("ILS", 0.01),
    ]

    private struct Edge {
        var leg: RateLeg
        var to: String
    }

    private var edges: [String: [Edge]] = [:]

    /// - Parameter instruments: in index order; of two pairs between the same currencies the first is used.
    public init(_ instruments: [Instrument]) {
        for (index, instrument) in instruments.enumerated() {
            guard case .currencyPair(let base) = instrument.kind else { continue }
            let quote = instrument.currency
            self.edges[base, default: []].append(Edge(leg: RateLeg(instrument: index, isInverted: false), to: quote))
            self.edges[quote, default: []].append(Edge(leg: RateLeg(instrument: index, isInverted: true), to: base))
        }
    }

    /// The way with the fewest pairs; of equally long ones that of the pairs that stand first.
    ///
    /// - Returns: `nil` where no pairs lead there; never a rate of 1 for want of another.
    public func path(from: String, to: String) -> RatePath? {
        let (source, sourceSize) = Self.minorUnits[from] ?? (from, 1)
        let (target, targetSize) = Self.minorUnits[to] ?? (to, 1)
        let scale = sourceSize / targetSize
        if source == target { return RatePath(scale: scale) }
        var seen: Set<String> = [source]
        var frontier: [(currency: String, legs: [RateLeg])] = [(source, [])]
        for _ in 0..<Self.legsMax {
            var next: [(currency: String, legs: [RateLeg])] = []
            for (currency, legs) in frontier {
                for edge in self.edges[currency] ?? [] where seen.insert(edge.to).inserted {
                    if edge.to == target { return RatePath(legs: legs + [edge.leg], scale: scale) }
                    next.append((edge.to, legs + [edge.leg]))
                }
            }
            frontier = next
        }
        return nil
    }
}
