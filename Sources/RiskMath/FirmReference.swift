// SPDX-License-Identifier: Apache-2.0
// The reference valuation of the firm: the accounts in the base currency, added up.

import RiskDomain

/// Composes accounts' figures into the firm's.
///
/// An account in another currency has no rate: it is left out and counts as a missing part.
public enum FirmReference {
    /// - Parameters:
    ///   - accounts: the valuation of every account of `inputs`, in any order.
    ///   - previousMarginLevel: the firm's level at the previous cut, `unknown` at the first.
    public static func value(
        of accounts: [AccountValuation], in inputs: RiskInputs, previousMarginLevel: MarginLevel = .unknown
    ) -> FirmValuation {
        let accounts = accounts.sorted { $0.account < $1.account }
        let base = inputs.convention.baseCurrency
        let included = accounts.filter { $0.currency == base }
        let status = ValueStatus.ofTotal(accounts.map { $0.currency == base ? $0.status : .missing })
        let allLeftOut = included.isEmpty && !accounts.isEmpty
        let pnl = allLeftOut ? nil : Self.scenarioPnL(included, count: inputs.scenarios.count)
        return FirmValuation(
            currency: base,
            status: status,
            totals: Self.totals(included, allLeftOut: allLeftOut),
            risk: RiskFigures(
                pnl: pnl, window: inputs.scenarios.count,
                coverage: .merged(included.map(\.risk.coverage), isMissing: status == .missing),
                convention: inputs.convention),
            scenarioPnL: pnl,
            stress: Self.stress(included, scenarios: inputs.stressScenarios, allLeftOut: allLeftOut),
            margin: Self.margin(included, allLeftOut: allLeftOut, previousLevel: previousMarginLevel),
            sectors: SectorExposure.merged(included.map(\.sectors)),
            accounts: accounts)
    }

    /// Sums the accounts that have the value; absent where there are accounts and none has it.
    private static func total(
        _ accounts: [AccountValuation], allLeftOut: Bool, _ value: (AccountValuation) -> Double?
    ) -> Double? {
        let values = accounts.compactMap(value)
        return allLeftOut || (values.isEmpty && !accounts.isEmpty) ? nil : values.reduce(0, +)
    }

    private static func totals(_ accounts: [AccountValuation], allLeftOut: Bool) -> ValuationTotals {
        func sum(_ value: (AccountValuation) -> Double?) -> Double? {
            Self.total(accounts, allLeftOut: allLeftOut, value)
        }
        return ValuationTotals(
            cash: sum(\.totals.cash), marketValue: sum(\.totals.marketValue),
            grossExposure: sum(\.totals.grossExposure), unrealisedPnL: sum(\.totals.unrealisedPnL),
            realisedPnL: sum(\.totals.realisedPnL), fees: sum(\.totals.fees), dayPnL: sum(\.totals.dayPnL))
    }

    /// Absent where accounts hold something and the scenarios reach nothing of it: an empty account beside them makes
    /// no book riskless.
    private static func scenarioPnL(_ accounts: [AccountValuation], count: Int) -> [Double]? {
        let holders = accounts.filter(\.holdsAnything)
        let vectors = holders.compactMap(\.scenarioPnL)
        return vectors.isEmpty && !holders.isEmpty ? nil : ScenarioPnL.sum(vectors, count: count)
    }

    private static func stress(
        _ accounts: [AccountValuation], scenarios: [StressScenario], allLeftOut: Bool
    ) -> [String: Double] {
        scenarios.reduce(into: [:]) { stress, scenario in
            stress[scenario.name] = Self.total(accounts, allLeftOut: allLeftOut) { $0.stress[scenario.name] }
        }
    }

    /// Used and limit are sums, each absent as soon as one account's is; the level then is `unknown`.
    private static func margin(
        _ accounts: [AccountValuation], allLeftOut: Bool, previousLevel: MarginLevel
    ) -> MarginFigures {
        func sum(_ value: (AccountValuation) -> Double?) -> Double? {
            let values = accounts.compactMap(value)
            return allLeftOut || values.count < accounts.count ? nil : values.reduce(0, +)
        }
        return MarginFigures(used: sum(\.margin.used), limit: sum(\.margin.limit), previousLevel: previousLevel)
    }
}
