// SPDX-License-Identifier: Apache-2.0
// A book as it is held at one close, and what it would have gained on every day of the history.

import RiskDomain
import RiskKernel
import RiskMath

/// The hypothetical P&L of a book that never changes: today's positions at today's prices under the one-day returns of
/// every day. Money is in the account's currency. Immutable.
public struct FixedBook: Sendable {
    /// Account identifier.
    public let name: String
    public let currency: String
    /// The later day of each return, ascending, from the first day on which every covered position has one.
    public let dates: [String]
    /// By day, gains positive.
    public let pnl: [Double]
    /// `Σ abs(MV)` of the covered positions.
    public let grossExposure: Double
    /// Symbols held that have no price, rate or returns, ascending; ``pnl`` does not contain them.
    public let excluded: [String]
    private let covered: [HeldPosition]
    private let cutNanoseconds: UInt64
    private let revaluation: Revaluation
    /// Returns of the instruments that move the book, aligned with ``dates``; the others have none.
    private let factors: ScenarioReturns

    /// Values the positions of an account at the last closes of the history. Options are valued at their own
    /// volatility, as on the last day; one whose volatility its price should tell has no value.
    ///
    /// - Returns: `nil` where there is no such account, or no position of it has a P&L on any day.
    public init?(of account: String, inputs: RiskInputs, tier: KernelTier) {
        guard let account = inputs.accounts.first(where: { $0.id == account }), let last = inputs.history.dates.last,
            let day = CalendarDay(iso8601: last)
        else { return nil }
        let cut = UInt64(clamping: day.startNanoseconds)
        let prices = inputs.instruments.map { instrument in
            inputs.history.lastClose(of: instrument.symbol, allowsNegative: instrument.allowsNegativePrices)
        }
        let market = MarketSnapshot(inputs: inputs, prices: prices, cutNanoseconds: cut)
        let revaluation = Revaluation(inputs: inputs, tier: tier)
        let whole = ScenarioSets(inputs).whole
        var covered: [(held: HeldPosition, pnl: [Double])] = []
        var excluded: [String] = []
        for position in inputs.positions where position.account == account.id && position.quantity != 0 {
            let held = inputs.directory.index(ofSymbol: position.symbol).map {
                market.holding(of: $0, quantity: position.quantity, currency: account.currency)
            }
            let pnl = held.flatMap {
                revaluation.scenarioPnL(of: $0, currency: account.currency, scenarios: whole, atCut: cut)
            }
            guard let held, let pnl, pnl.last?.isFinite == true else {
                excluded.append(position.symbol)
                continue
            }
            covered.append((held, pnl))
        }
        let sum = ScenarioPnL.sum(covered.map(\.pnl), count: whole.count)
        let first = (sum.lastIndex(where: { !$0.isFinite }) ?? -1) + 1
        guard !covered.isEmpty, first < sum.count else { return nil }
        self.name = account.id
        self.currency = account.currency
        self.dates = Array(whole.dates[first...])
        self.pnl = Array(sum[first...])
        self.covered = covered.map(\.held)
        self.grossExposure = self.covered.reduce(0) { $0 + (revaluation.marketValue(of: $1) ?? 0).magnitude }
        self.excluded = excluded.sorted()
        self.cutNanoseconds = cut
        self.revaluation = revaluation
        let moving = Self.factors(of: self.covered, currency: account.currency, inputs: inputs)
        self.factors = ScenarioReturns(
            dates: self.dates,
            rows: whole.rows.enumerated().map { index, row in
                moving.contains(index) ? row.map { Array($0[first...]) } : nil
            })
    }

    /// Instruments whose returns move the positions: themselves or their underlyings, and the pairs of their rates.
    private static func factors(of held: [HeldPosition], currency: String, inputs: RiskInputs) -> Set<Int> {
        var factors: Set<Int> = []
        for position in held {
            factors.insert(inputs.underlying(of: position.instrument) ?? position.instrument)
            let path = inputs.currencies.path(
                from: inputs.instruments[position.instrument].currency, to: currency)
            factors.formUnion(path?.legs.map(\.instrument) ?? [])
        }
        return factors
    }

    /// P&L under the returns of some days, each factor's brought to the volatility forecast for the day after them.
    ///
    /// - Parameter days: positions in ``dates``.
    public func scaledPnL(of days: Range<Int>, by scaling: VolatilityScaling) -> [Double] {
        let scenarios = ScenarioReturns(
            dates: Array(self.dates[days]),
            rows: self.factors.rows.map { $0.map { scaling.scaled(Array($0[days])) } })
        return ScenarioPnL.sum(
            self.covered.compactMap { held in
                self.revaluation.scenarioPnL(
                    of: held, currency: self.currency, scenarios: scenarios, atCut: self.cutNanoseconds)
            }, count: days.count)
    }
}
