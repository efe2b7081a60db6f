// SPDX-License-Identifier: Apache-2.0
// A market of any size that never ends: the tick source of load generators and benchmarks.

import RiskDomain

/// Geometric Brownian motion of invented instruments, one tick a visit.
///
/// A tick multiplies the unrounded price by `1 + σ·z` with a near-normal z of one random draw: no logarithm, no
/// exponential, the same bits on every machine. A price that strays beyond an eighth or the eightfold of its opening is
/// turned back, so that a long run stays within sane and representable prices.
public struct SyntheticMarket: TickSource {
    public let instruments: [Instrument]
    private var prices: [Double]
    private let openings: [Double]
    private let volatilityPerTick: Double
    private let quote: SpreadQuote
    private var order: VisitOrder
    private var random: SplitMix64

    /// How far a price may stray from its opening, as a factor in either direction.
    public static let rangeFactor = 8.0
    private static let priceDecimals = 4

    /// - Parameters:
    ///   - count: number of instruments, 1 to 1,000,000.
    ///   - volatilityPerTick: standard deviation of the relative change per tick, 0 to 0.1.
    ///   - spreadBasisPoints: of the price, ≥ 0.
    public init(
        count: Int, seed: UInt64, order: TickOrder = .roundRobin, volatilityPerTick: Double = 1e-4,
        spreadBasisPoints: Double = 2
    ) {
        precondition((1...1_000_000).contains(count) && (0...0.1).contains(volatilityPerTick))
        self.instruments = SyntheticInstruments.make(count: count)
        self.openings = SyntheticInstruments.openingPrices(count: count, seed: seed)
        self.prices = self.openings
        self.volatilityPerTick = volatilityPerTick
        self.quote = SpreadQuote(priceDecimals: Self.priceDecimals, spreadBasisPoints: spreadBasisPoints)
        self.order = VisitOrder(Array(0..<count), order: order)
        // Another stream than the opening prices', which start from the seed itself.
        self.random = SplitMix64(seed: seed ^ 0x5bd1_e995_9d1b_58d3)
    }

    /// Never `nil`.
    public mutating func next() -> Tick? {
        self.nextTick()
    }

    public mutating func next(into batch: inout [Tick]) -> Int {
        for index in batch.indices { batch[index] = self.nextTick() }
        return batch.count
    }

    /// The next tick: ``next()`` for callers who know that this source does not end.
    public mutating func nextTick() -> Tick {
        if self.order.isRoundComplete { self.order.startRound() }
        let index = self.order.next(&self.random)
        let price = self.moved(self.prices[index], opening: self.openings[index])
        self.prices[index] = price
        return self.quote.tick(instrument: index, last: self.quote.rounded(price))
    }

    private mutating func moved(_ price: Double, opening: Double) -> Double {
        let change = self.volatilityPerTick * self.random.nextApproximateNormal()
        if price > opening * Self.rangeFactor { return price * (1 - change.magnitude) }
        if price * Self.rangeFactor < opening { return price * (1 + change.magnitude) }
        return price * (1 + change)
    }
}
