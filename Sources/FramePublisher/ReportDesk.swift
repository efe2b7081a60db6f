// SPDX-License-Identifier: Apache-2.0
// Reports of the newest cuts: for the risk channels once a second, and for whoever asks over HTTP.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskMath
import RiskReport

/// Makes reports from published cuts. Pure but for the cuts it asks for; callable from any thread.
public struct ReportDesk: Sendable {
    public let inputs: RiskInputs
    public let plan: BookPlan
    public let catalog: ChannelCatalog
    public let reporter: BookReporter
    private let builders: [ReportStateBuilder]
    private let firmBuilder: ReportStateBuilder
    /// By account: its group at each level of the hierarchy.
    private let groups: [[String]]

    public init(inputs: RiskInputs, plan: BookPlan, catalog: ChannelCatalog, tier: KernelTier) {
        self.inputs = inputs
        self.plan = plan
        self.catalog = catalog
        self.reporter = BookReporter(inputs: inputs, tier: tier)
        self.builders = plan.accounts.map { account in
            ReportStateBuilder(
                name: account.account.id, currency: account.account.currency,
                parts: .init(
                    table: "positions", names: account.positions.map(\.symbol),
                    groupings: [
                        ("sectors", account.sectors),
                        ("strategies", Set(account.positions.map { $0.strategy ?? "none" }).sorted()),
                    ]), inputs: inputs)
        }
        let groups = Self.groups(of: plan.accounts.map(\.account))
        self.groups = groups
        self.firmBuilder = ReportStateBuilder(
            name: "firm", currency: inputs.convention.baseCurrency,
            parts: .init(
                table: "accounts", names: plan.accounts.map(\.account.id),
                groupings: groups.enumerated().map { level, names in
                    ("groups.level_\(level + 1)", Set(names).sorted())
                }), inputs: inputs)
    }

    /// One list a level; an account that ends above a level stays what it is.
    private static func groups(of accounts: [Account]) -> [[String]] {
        let paths = accounts.map { ($0.group ?? "none").split(separator: "/").map(String.init) }
        let depth = paths.map(\.count).max() ?? 0
        return (0..<depth).map { level in paths.map { $0.prefix(level + 1).joined(separator: "/") } }
    }

    /// - Parameter number: the account's place in the plan.
    public func state(ofAccount number: Int, cut: ChannelCut) -> ChannelState {
        let book = BookSnapshot(cut, plan: self.plan.accounts[number])
        return self.builders[number].state(self.reporter.report(of: book))
    }

    /// - Parameters:
    ///   - market: the newest cut of the market: rates between currencies.
    ///   - cuts: the accounts' newest, in the plan's order; an account without one is left out.
    public func firmState(market: ChannelCut, cuts: [ChannelCut?]) -> ChannelState {
        let snapshot = MarketSnapshot(market, inputs: self.inputs)
        let base = self.inputs.convention.baseCurrency
        var books: [AttributedPart] = []
        var included: [Int] = []
        for (number, cut) in cuts.enumerated() {
            let account = self.plan.accounts[number].account
            guard let cut, let rate = snapshot.rate(from: account.currency, to: base),
                cut.scenarioPnL.count == self.inputs.scenarios.count, !cut.scenarioPnL.isEmpty
            else { continue }
            let held = BookSnapshot(cut, plan: self.plan.accounts[number]).positions
            let values = held.compactMap(self.reporter.revaluation.marketValue).map { rate * $0 }
            books.append(
                AttributedPart(
                    name: account.id, marketValue: values.reduce(0, +),
                    grossValue: values.reduce(0) { $0 + $1.magnitude }, pnl: cut.scenarioPnL.map { rate * $0 }))
            included.append(number)
        }
        let report = self.reporter.report(
            name: "firm", currency: base, cutNanoseconds: cuts.compactMap { $0?.cutNanoseconds }.max() ?? 0,
            books: books, total: ScenarioPnL.sum(books.map(\.pnl), count: self.inputs.scenarios.count),
            groupings: self.groups.map { names in included.map { names[$0] } })
        return self.firmBuilder.state(report)
    }
}
