// SPDX-License-Identifier: Apache-2.0
// Reports of the newest cuts: for the risk channels once a second, and for whoever asks over HTTP.

import FrameCodec
import RiskDomain
import RiskKernel
import RiskMath
import RiskReport
import Synchronization

/// Makes reports from published cuts, whose rows say what is held. Callable from any thread.
public struct ReportDesk: Sendable {
    /// What follows from the inputs, which a reload replaces.
    private struct World: Sendable {
        let reporter: BookReporter
        let builders: ReportBuilders

        var inputs: RiskInputs { self.reporter.inputs }

        init(inputs: RiskInputs, accounts: [Account], groups: [[String]], tier: KernelTier) {
            self.reporter = BookReporter(inputs: inputs, tier: tier)
            self.builders = ReportBuilders(accounts: accounts, groups: groups, inputs: inputs)
        }
    }

    /// Shared by the copies of a desk.
    private final class Newest: Sendable {
        let world: Mutex<World>

        init(_ world: World) {
            self.world = Mutex(world)
        }
    }

    /// In the catalog's order.
    public let accounts: [Account]
    public let catalog: ChannelCatalog
    /// Whether all accounts of the firm are cut here.
    public let hasFirm: Bool
    private let strategies: @Sendable (_ account: String) -> [String: String]
    private let tier: KernelTier
    /// By account: its group at each level of the hierarchy.
    private let groups: [[String]]
    private let newest: Newest

    /// - Parameter strategies: of an account's positions, by symbol.
    public init(
        inputs: RiskInputs, catalog: ChannelCatalog, tier: KernelTier, hasFirm: Bool = true,
        strategies: @escaping @Sendable (_ account: String) -> [String: String]
    ) {
        self.accounts = catalog.accounts
        self.catalog = catalog
        self.hasFirm = hasFirm
        self.strategies = strategies
        self.tier = tier
        self.groups = Self.groups(of: catalog.accounts)
        self.newest = Newest(World(inputs: inputs, accounts: catalog.accounts, groups: self.groups, tier: tier))
    }

    private var world: World { self.newest.world.withLock { $0 } }

    public var inputs: RiskInputs { self.world.inputs }

    public var reporter: BookReporter { self.world.reporter }

    /// From now on reports are by these inputs, which are of the same accounts.
    public func follow(_ inputs: RiskInputs) {
        let world = World(inputs: inputs, accounts: self.accounts, groups: self.groups, tier: self.tier)
        self.newest.world.withLock { $0 = world }
    }

    /// The same desk on the inputs of now, whatever is loaded meanwhile: for an answer of several parts.
    public var pinned: ReportDesk { ReportDesk(self, on: self.world) }

    private init(_ desk: ReportDesk, on world: World) {
        self.accounts = desk.accounts
        self.catalog = desk.catalog
        self.hasFirm = desk.hasFirm
        self.strategies = desk.strategies
        self.tier = desk.tier
        self.groups = desk.groups
        self.newest = Newest(world)
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
        self.book(
            ofAccount: number, cut: cut, strategies: self.strategies(self.accounts[number].id),
            directory: self.inputs.directory)
    }

    private func book(
        ofAccount number: Int, cut: ChannelCut, strategies: [String: String], directory: InstrumentDirectory
    ) -> BookSnapshot {
        BookSnapshot(cut, account: self.accounts[number], directory: directory, strategies: strategies)
    }

    /// - Parameter number: the account's place in the catalog.
    public func state(ofAccount number: Int, cut: ChannelCut) -> ChannelState {
        let world = self.world
        let strategies = self.strategies(self.accounts[number].id)
        let symbols = cut.state.layout.table(atPath: "positions").map { cut.state.layout.tables[$0].keys } ?? []
        let builder = world.builders.builder(ofAccount: number, symbols: symbols, strategies: strategies)
        return builder.state(
            world.reporter.report(
                of: self.book(
                    ofAccount: number, cut: cut, strategies: strategies, directory: world.inputs.directory)))
    }

    /// - Parameter number: the account's place in the catalog.
    public func backtest(ofAccount number: Int, cut: ChannelCut) -> BookReport.BacktestSummary? {
        let world = self.world
        return world.reporter.backtest(
            of: self.book(ofAccount: number, cut: cut, strategies: [:], directory: world.inputs.directory))
    }

    /// - Parameters:
    ///   - market: the newest cut of the market: rates between currencies.
    ///   - cuts: the accounts' newest, in the catalog's order; an account without one is left out.
    public func firmState(market: ChannelCut, cuts: [ChannelCut?]) -> ChannelState {
        let world = self.world
        let inputs = world.inputs
        let snapshot = MarketSnapshot(market, inputs: inputs)
        let base = inputs.convention.baseCurrency
        var members: [FirmMember] = []
        for (number, cut) in cuts.enumerated() {
            let account = self.accounts[number]
            guard let cut, let rate = snapshot.rate(from: account.currency, to: base),
                cut.scenarioPnL.count == inputs.scenarios.count, !cut.scenarioPnL.isEmpty
            else { continue }
            members.append(
                FirmMember(
                    book: self.book(
                        ofAccount: number, cut: cut, strategies: self.strategies(account.id),
                        directory: inputs.directory),
                    rate: rate, groups: self.groups.map { $0[number] },
                    stress: cut.stress(scenarios: inputs.stressScenarios.map(\.name))))
        }
        let vectors = members.map { member in member.book.scenarioPnL.map { member.rate * $0 } }
        let report = world.reporter.report(
            ofFirm: "firm", currency: base, cutNanoseconds: cuts.compactMap { $0?.cutNanoseconds }.max() ?? 0,
            members: members, total: ScenarioPnL.sum(vectors, count: inputs.scenarios.count))
        return world.builders.firmBuilder(of: members.map(\.book)).state(report)
    }
}

extension ChannelCut {
    /// P&L under scenarios by name; `nil` where the cut has none.
    fileprivate func stress(scenarios names: [String]) -> [Double?] {
        guard let table = self.state.layout.table(atPath: "stress") else { return names.map { _ in nil } }
        let offset = self.state.layout.numberOffset(table: table, column: 0)
        let keys = self.state.layout.tables[table].keys
        // As a rule they are the same, in the same order.
        return names.enumerated().map { index, name in
            let row = index < keys.count && keys[index] == name ? index : keys.firstIndex(of: name)
            guard let row, !self.state.numbers[offset + row].isNaN else { return nil }
            return self.state.numbers[offset + row]
        }
    }
}
