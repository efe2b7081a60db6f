// SPDX-License-Identifier: Apache-2.0
// How risk is measured: every number published names these.

/// Definition of the sample quantile behind VaR (DESIGN.md §5).
public enum QuantileDefinition: String, Sendable, CaseIterable {
    /// `−x_(k)`, `k = ⌈N(10000−c)/10000⌉`: an observed scenario.
    case discrete
    /// Linear interpolation, numpy's default percentile.
    case linear
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
    /// Currency of the firm's totals, ISO 4217.
    public var baseCurrency: String
    /// Returns wanted, 1 to 5,000; the number used is published.
    public var window: Int
    /// Confidences in basis points, each 1 to 9,999, ascending and unique.
    public var confidences: [Int]
    public var quantile: QuantileDefinition
    /// Horizon h of VaR and ES in days, 1 to 250; above 1 the one-day figure times √h.
    public var horizonDays: Int
    public var missingHistory: MissingHistoryPolicy
    /// An instrument without a tick for longer is stale.
    public var staleAfterNanoseconds: UInt64
    /// Least time between two cuts of a channel.
    public var cutIntervalNanoseconds: UInt64

    public init(
        baseCurrency: String = "USD", window: Int = 500, confidences: [Int] = [9500, 9750, 9900],
        quantile: QuantileDefinition = .discrete, horizonDays: Int = 1,
        missingHistory: MissingHistoryPolicy = .exclude, staleAfterNanoseconds: UInt64 = 10_000_000_000,
        cutIntervalNanoseconds: UInt64 = 100_000_000
    ) {
        self.baseCurrency = baseCurrency
        self.window = window
        self.confidences = confidences
        self.quantile = quantile
        self.horizonDays = horizonDays
        self.missingHistory = missingHistory
        self.staleAfterNanoseconds = staleAfterNanoseconds
        self.cutIntervalNanoseconds = cutIntervalNanoseconds
    }
}
