// SPDX-License-Identifier: Apache-2.0
// How risk is measured: every number published names these.

/// Definition of the sample quantile behind VaR (DESIGN.md §5).
public enum QuantileDefinition: String, Sendable, CaseIterable {
    /// `−x_(k)`, `k = ⌈N(10000−c)/10000⌉`: an observed scenario.
    case discrete
    /// Linear interpolation, numpy's default percentile; definition 7 of Hyndman & Fan.
    case linear
    /// Definition 5: the i-th value stands at (i − ½)/N. Levels beyond the outer values have none.
    case hazen
    /// Definition 6: the i-th value stands at i/(N + 1). Levels beyond the outer values have none.
    case weibull
}

/// What the mean beyond VaR is taken of.
public enum ShortfallDefinition: String, Sendable, CaseIterable {
    /// The mean of the worst Nα scenarios, the last in part (Acerbi & Tasche): coherent for any N.
    case acerbiTasche = "acerbi_tasche"
    /// The plain mean of the scenarios at or beyond the discrete quantile.
    case tailMean = "tail_mean"
}

/// How a horizon of several days is reached.
public enum HorizonMethod: String, Sendable, CaseIterable {
    /// One-day figures times √h.
    case squareRoot = "sqrt"
    /// Returns over windows of h days that overlap.
    case overlapping
}

/// What happens to an instrument without enough history.
public enum MissingHistoryPolicy: String, Sendable, CaseIterable {
    /// It adds nothing to the scenarios, lowers coverage and is listed.
    case exclude
    /// Its ``Instrument/proxy`` stands in; without one it is excluded.
    case proxy
}

/// The conventions of one daemon.
public struct RiskConvention: Sendable, Equatable {
    /// Most returns a window may have.
    public static let windowMax = 5_000

    /// Currency of the firm's totals, ISO 4217.
    public var baseCurrency: String
    /// Returns wanted, 1 to 5,000; the number used is published.
    public var window: Int
    /// Confidences in basis points, each 1 to 9,999, ascending and unique.
    public var confidences: [Int]
    public var quantile: QuantileDefinition
    public var shortfall: ShortfallDefinition
    /// Horizon h of VaR and ES in days, 1 to 250.
    public var horizonDays: Int
    public var horizonMethod: HorizonMethod
    public var missingHistory: MissingHistoryPolicy
    /// With fewer returns in the window than these an instrument is without history, 1 to 5,000.
    public var minimumReturns: Int
    /// An instrument without a tick for longer is stale.
    public var staleAfterNanoseconds: UInt64
    /// Least time between two cuts of a channel.
    public var cutIntervalNanoseconds: UInt64
    /// Options are valued as on the start of this day, UTC: for replays. `nil`: as at the time of the cut.
    public var valuationDay: CalendarDay?

    public init(
        baseCurrency: String = "USD", window: Int = 500, confidences: [Int] = [9500, 9750, 9900],
        quantile: QuantileDefinition = .discrete, shortfall: ShortfallDefinition = .acerbiTasche,
        horizonDays: Int = 1, horizonMethod: HorizonMethod = .squareRoot,
        missingHistory: MissingHistoryPolicy = .exclude, staleAfterNanoseconds: UInt64 = 10_000_000_000,
        cutIntervalNanoseconds: UInt64 = 100_000_000, valuationDay: CalendarDay? = nil, minimumReturns: Int = 1
    ) {
        self.baseCurrency = baseCurrency
        self.window = window
        self.confidences = confidences
        self.quantile = quantile
        self.shortfall = shortfall
        self.horizonDays = horizonDays
        self.horizonMethod = horizonMethod
        self.missingHistory = missingHistory
        self.minimumReturns = minimumReturns
        self.staleAfterNanoseconds = staleAfterNanoseconds
        self.cutIntervalNanoseconds = cutIntervalNanoseconds
        self.valuationDay = valuationDay
    }

    /// The instant options are valued at, nanoseconds since 1970.
    public func valuationNanoseconds(atCut cutNanoseconds: UInt64) -> UInt64 {
        self.valuationDay.map { UInt64(clamping: $0.startNanoseconds) } ?? cutNanoseconds
    }

    /// What one-day scenario figures are multiplied by to reach the horizon.
    public var horizonScale: Double {
        self.horizonMethod == .squareRoot ? Double(self.horizonDays).squareRoot() : 1
    }

    /// Days between the two closes of a scenario's return.
    public var scenarioDays: Int { self.horizonMethod == .overlapping ? self.horizonDays : 1 }
}
