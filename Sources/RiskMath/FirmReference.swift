// SPDX-License-Identifier: Apache-2.0
// The reference valuation of the firm: its accounts converted into the base currency and added up.

import RiskDomain

/// Composes accounts' figures into the firm's.
///
/// Money converts at today's rate, and so do the accounts' P&L vectors: the firm's figures do not contain the risk that
/// the value of a foreign account itself changes with the rate. An account without a rate is left out and counts as a
/// missing part.
public enum FirmReference {
    /// An account whose money converts.
    private struct Part {
        var account: AccountValuation
        /// Base currency per account currency.
        var rate: Double
    }

    /// - Parameters:
    ///   - accounts: the valuation of every account of the market's inputs, in any order.
    ///   - previousMarginLevel: the firm's level at the previous cut, `unknown` at the first.
    public static func value(
        of accounts: [AccountValuation], at market: PricedMarket, previousMarginLevel: MarginLevel = .unknown
    ) -> FirmValuation {
        let inputs = market.inputs
        let accounts = accounts.sorted { $0.account < $1.account }
        let base = inputs.convention.baseCurrency
        let rates = accounts.map { market.rate(from: $0.currency, to: base) }
        let parts = zip(accounts, rates).compactMap { account, rate in
            rate.map { Part(account: account, rate: $0.price) }
        }
        let status = ValueStatus.ofTotal(
            zip(accounts, rates).map { account, rate in
                rate.map { max(account.status, $0.isStale ? .stale : .ok) } ?? .missing
            })
        let allLeftOut = parts.isEmpty && !accounts.isEmpty
        let pnl = allLeftOut ? nil : Self.scenarioPnL(parts, count: inputs.scenarios.count)
        return FirmValuation(
            currency: base,
            status: status,
            totals: Self.totals(parts, allLeftOut: allLeftOut),
            risk: RiskFigures(
                pnl: pnl, window: inputs.scenarios.count,
                coverage: .merged(
                    parts.map { $0.account.risk.coverage.converted(at: $0.rate) }, isMissing: status == .missing),
                convention: inputs.convention),
            scenarioPnL: pnl,
            stress: Self.stress(parts, scenarios: inputs.stressScenarios, allLeftOut: allLeftOut),
            greeks: Self.greeks(accounts, parts),
            margin: Self.margin(parts, allLeftOut: allLeftOut, previousLevel: previousMarginLevel),
            sectors: SectorExposure.merged(
                parts.map { part in
                    part.account.sectors.mapValues { $0.converted(at: part.rate) }
                }),
            accounts: accounts)
    }

    /// Sums the accounts that have the value; absent where there are accounts and none has it.
    private static func total(
        _ parts: [Part], allLeftOut: Bool, _ value: (AccountValuation) -> Double?
    ) -> Double? {
        let values = parts.compactMap { part in value(part.account).map { part.rate * $0 } }
        return allLeftOut || (values.isEmpty && !parts.isEmpty) ? nil : values.reduce(0, +)
    }

    private static func totals(_ parts: [Part], allLeftOut: Bool) -> ValuationTotals {
        func sum(_ value: (AccountValuation) -> Double?) -> Double? {
            Self.total(parts, allLeftOut: allLeftOut, value)
        }
        return ValuationTotals(
            cash: sum(\.totals.cash), marketValue: sum(\.totals.marketValue),
            grossExposure: sum(\.totals.grossExposure), unrealisedPnL: sum(\.totals.unrealisedPnL),
            realisedPnL: sum(\.totals.realisedPnL), fees: sum(\.totals.fees), dayPnL: sum(\.totals.dayPnL))
    }

    /// Absent where accounts hold something and the scenarios reach nothing of it: an empty account beside them makes
    /// no book riskless.
    private static func scenarioPnL(_ parts: [Part], count: Int) -> [Double]? {
        let holders = parts.filter(\.account.holdsAnything)
        let vectors = holders.compactMap { part in part.account.scenarioPnL?.map { part.rate * $0 } }
        return vectors.isEmpty && !holders.isEmpty ? nil : ScenarioPnL.sum(vectors, count: count)
    }

    private static func stress(_ parts: [Part], scenarios: [StressScenario], allLeftOut: Bool) -> [String: Double] {
        scenarios.reduce(into: [:]) { stress, scenario in
            stress[scenario.name] = Self.total(parts, allLeftOut: allLeftOut) { $0.stress[scenario.name] }
        }
    }

    /// Every underlying of every account, those left out too; their greeks are then absent.
    private static func greeks(_ accounts: [AccountValuation], _ parts: [Part]) -> [String: CashGreeks] {
        var greeks: [String: CashGreeks] = [:]
        for account in accounts { for underlying in account.greeks.keys { greeks[underlying] = CashGreeks() } }
        for part in parts {
            for (underlying, value) in part.account.greeks { greeks[underlying]?.add(value, rate: part.rate) }
        }
        return greeks
    }

    /// Used and limit are sums, each absent as soon as one account's is; the level then is `unknown`.
    private static func margin(_ parts: [Part], allLeftOut: Bool, previousLevel: MarginLevel) -> MarginFigures {
        func sum(_ value: (AccountValuation) -> Double?) -> Double? {
            let values = parts.compactMap { part in value(part.account).map { part.rate * $0 } }
            return allLeftOut || values.count < parts.count ? nil : values.reduce(0, +)
        }
        return MarginFigures(used: sum(\.margin.used), limit: sum(\.margin.limit), previousLevel: previousLevel)
    }
}
