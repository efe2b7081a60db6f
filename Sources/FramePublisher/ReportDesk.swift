// SPDX-License-Identifier: Apache-2.0
// Reports of the newest cuts: for the risk channels once a second, and for whoever asks over HTTP.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskMath
import RiskReport

/// Makes reports from published cuts, whose rows say what is held. Callable from any thread.
public struct ReportDesk: Sendable {
    public let inputs: RiskInputs
    /// In the catalog's order.
    public let accounts: [Account]
    public let catalog: ChannelCatalog
    public let reporter: BookReporter
    private let strategies: @Sendable (_ account: String) -> [String: String]
    private let builders: ReportBuilders
    private let firmBuilder: ReportStateBuilder
    /// By account: its group at each level of the hierarchy.
    private let groups: [[String]]

    /// - Parameter strategies: of an account's positions, by symbol.
    public init(
        inputs: RiskInputs, catalog: ChannelCatalog, tier: KernelTier,
        strategies: @escaping @Sendable (_ account: String) -> [String: String]
    ) {
        self.inputs = inputs
        self.accounts = catalog.accounts
        self.catalog = catalog
        self.reporter = BookReporter(inputs: inputs, tier: tier)
        self.strategies = strategies
        self.builders = ReportBuilders(accounts: catalog.accounts, inputs: inputs)
        let groups = Self.groups(of: catalog.accounts)
        self.groups = groups
        self.firmBuilder = ReportStateBuilder(
            name: "firm", currency: inputs.convention.baseCurrency,
            parts: .init(
                table: "accounts", names: catalog.accounts.map(\.id),
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

    /// What an account held at a cut.
    ///
    /// - Parameter number: the account's place in the catalog.
    public func book(ofAccount number: Int, cut: ChannelCut) -> BookSnapshot {
        self.book(ofAccount: number, cut: cut, strategies: self.strategies(self.accounts[number].id))
    }

    private func book(ofAccount number: Int, cut: ChannelCut, strategies: [String: String]) -> BookSnapshot {
        BookSnapshot(cut, account: self.accounts[number], directory: self.inputs.directory, strategies: strategies)
    }

    /// - Parameter number: the account's place in the catalog.
    public func state(ofAccount number: Int, cut: ChannelCut) -> ChannelState {
        let strategies = self.strategies(self.accounts[number].id)
        let symbols = cut.state.layout.table(atPath: "positions").map { cut.state.layout.tables[$0].keys } ?? []
        let builder = self.builders.builder(ofAccount: number, symbols: symbols, strategies: strategies)
        return builder.state(
            self.reporter.report(of: self.book(ofAccount: number, cut: cut, strategies: strategies)))
    }

    /// - Parameters:
    ///   - market: the newest cut of the market: rates between currencies.
    ///   - cuts: the accounts' newest, in the catalog's order; an account without one is left out.
    public func firmState(market: ChannelCut, cuts: [ChannelCut?]) -> ChannelState {
        let snapshot = MarketSnapshot(market, inputs: self.inputs)
        let base = self.inputs.convention.baseCurrency
        var books: [AttributedPart] = []
        var included: [Int] = []
        for (number, cut) in cuts.enumerated() {
            let account = self.accounts[number]
            guard let cut, let rate = snapshot.rate(from: account.currency, to: base),
                cut.scenarioPnL.count == self.inputs.scenarios.count, !cut.scenarioPnL.isEmpty
            else { continue }
            let held = BookSnapshot(cut, account: account, directory: self.inputs.directory).positions
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
