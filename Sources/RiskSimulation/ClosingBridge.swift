// SPDX-License-Identifier: Apache-2.0
// Replays daily closes as intraday ticks: the tick source of the demo and of `tickrisk feed --replay`.

import Glibc
import RiskDomain

/// A seeded geometric Brownian bridge from close to close.
///
/// ```
///   close d−1 ●~~~~~~~~~~~~~~● close d        ticksPerDay rounds a day; each round visits every instrument that
///     step 0  1  2  …        T                closes on that day once; step T is exactly the close
/// ```
///
/// From the logarithm x of the last price, `s` of `T` steps done, the next is normal with mean
/// `x + (log close − x)/(T − s)` and variance `σ²/T·(T − s − 1)/(T − s)` (Glasserman, "Monte Carlo Methods in Financial
/// Engineering", 2003, section 3.1). The first day starts at its own close. A day whose close is blank, not
/// positive or above ``Tick/priceLimit`` has no ticks of that instrument; its next day starts from its last close.
public struct ClosingBridge: TickSource {
    public let instruments: [Instrument]
    /// Index of the date whose ticks are being given, 0 before the first.
    public private(set) var day = 0
    /// What happens after the last day.
    public enum End: Sendable {
        /// The source ends.
        case stop
        /// It starts again from the first day, whose ticks start at its own close: prices jump there.
        case restart
    }

    private let closes: [[Double]]
    private let volatilities: [Double]
    private let quotes: [SpreadQuote]
    private let dayCount: Int
    private let ticksPerDay: Int
    private let end: End
    /// Logarithm of the unrounded last price by instrument; NaN before its first tick since the start of the history.
    private var logPrices: [Double]
    private var step = 0
    private var order: VisitOrder
    private var random: SplitMix64
    private var hasEnded: Bool

    /// Daily volatility where the history is too short to tell: 1.5 %.
    public static let fallbackVolatility = 0.015

    /// - Parameters:
    ///   - instruments: in index order; those without a usable close in the history never tick.
    ///   - ticksPerDay: ticks of each instrument for each date, ≥ 1.
    ///   - dailyVolatility: standard deviation of a day's log return on the way from close to close, finite, ≥ 0; `nil`
    ///     takes each instrument's own over the history, or ``fallbackVolatility`` with fewer than 20 returns.
    ///   - spreadBasisPoints: of the price, ≥ 0.
    public init(
        history: ClosingHistory, instruments: [Instrument], ticksPerDay: Int, seed: UInt64,
        order: TickOrder = .roundRobin, end: End = .restart, dailyVolatility: Double? = nil,
        spreadBasisPoints: Double = 2
    ) {
        precondition(ticksPerDay >= 1 && dailyVolatility ?? 0 >= 0 && (dailyVolatility ?? 0).isFinite)
        let closes = instruments.map { (history.closes[$0.symbol] ?? []).map { Self.isUsable($0) ? $0 : .nan } }
        let ticking = closes.indices.filter { closes[$0].contains { !$0.isNaN } }
        self.instruments = instruments
        self.closes = closes
        self.volatilities = closes.map { dailyVolatility ?? Self.volatility(of: $0) }
        self.quotes = instruments.map {
            SpreadQuote(priceDecimals: $0.priceDecimals, spreadBasisPoints: spreadBasisPoints)
        }
        self.dayCount = history.dates.count
        self.ticksPerDay = ticksPerDay
        self.end = end
        self.logPrices = [Double](repeating: .nan, count: instruments.count)
        self.order = VisitOrder(ticking, order: order)
        self.random = SplitMix64(seed: seed)
        self.hasEnded = ticking.isEmpty
    }

    public mutating func next() -> Tick? {
        while !self.hasEnded {
            if self.order.isRoundComplete { self.startRound() }
            if self.hasEnded { break }
            let index = self.order.next(&self.random)
            let close = self.closes[index][self.day]
            if !close.isNaN { return self.tick(index, close: close) }
        }
        return nil
    }

    private mutating func startRound() {
        self.order.startRound()
        self.step += 1
        guard self.step == self.ticksPerDay else { return }
        self.step = 0
        self.day += 1
        guard self.day == self.dayCount else { return }
        self.hasEnded = self.end == .stop
        self.day = self.hasEnded ? self.dayCount - 1 : 0
        for index in self.logPrices.indices { self.logPrices[index] = .nan }
    }

    private mutating func tick(_ index: Int, close: Double) -> Tick {
        let target = log(close)
        let stepsLeft = Double(self.ticksPerDay - self.step)
        let from = self.logPrices[index].isNaN ? target : self.logPrices[index]
        guard stepsLeft > 1 else {
            self.logPrices[index] = target
            return self.quotes[index].tick(instrument: index, last: close)
        }
        let deviation = self.volatilities[index] * ((stepsLeft - 1) / stepsLeft / Double(self.ticksPerDay)).squareRoot()
        let logPrice = from + (target - from) / stepsLeft + deviation * self.random.nextNormal()
        self.logPrices[index] = logPrice
        return self.quotes[index].tick(instrument: index, last: self.quotes[index].rounded(exp(logPrice)))
    }

    private static func isUsable(_ close: Double) -> Bool {
        close > 0 && close <= Tick.priceLimit
    }

    /// Standard deviation of the log returns between usable closes.
    private static func volatility(of closes: [Double]) -> Double {
        let logs = closes.lazy.filter { !$0.isNaN }.map { log($0) }
        let returns = zip(logs.dropFirst(), logs).map { later, earlier in later - earlier }
        guard returns.count >= 20 else { return Self.fallbackVolatility }
        let mean = returns.reduce(0, +) / Double(returns.count)
        let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(returns.count - 1)).squareRoot()
    }
}
