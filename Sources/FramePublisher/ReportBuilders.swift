// SPDX-License-Identifier: Apache-2.0
// The layouts of the accounts' reports, made anew where what an account holds changes.

import RiskDomain
import RiskReport
import Synchronization

/// Keeps the newest builder of each account and of the firm, since states of one layout share it.
final class ReportBuilders: Sendable {
    private struct Entry {
        var symbols: [String]
        var strategies: [String]
        var builder: ReportStateBuilder
    }

    /// The firm's place among the entries.
    private static let firm = -1

    private let accounts: [Account]
    /// By level of the hierarchy, by account.
    private let groups: [[String]]
    private let inputs: RiskInputs
    private let entries: Mutex<[Int: Entry]>

    init(accounts: [Account], groups: [[String]], inputs: RiskInputs) {
        self.accounts = accounts
        self.groups = groups
        self.inputs = inputs
        self.entries = Mutex([:])
    }

    /// - Parameters:
    ///   - number: the account's place among the accounts.
    ///   - symbols: rows of its positions.
    ///   - strategies: by symbol, of those that have one.
    func builder(ofAccount number: Int, symbols: [String], strategies: [String: String]) -> ReportStateBuilder {
        let names = Set(symbols.map { strategies[$0] ?? "none" }).sorted()
        return self.kept(number, symbols: symbols, strategies: names) {
            self.make(self.accounts[number], symbols: symbols, strategies: names)
        }
    }

    /// - Parameter books: of the accounts that are in it.
    func firmBuilder(of books: [BookSnapshot]) -> ReportStateBuilder {
        var isHeld = [Bool](repeating: false, count: self.inputs.instruments.count)
        var strategies: Set<String> = []
        var last: String?? = .none
        for book in books {
            for position in book.positions {
                isHeld[position.instrument] = true
                guard last != .some(position.strategy) else { continue }
                last = .some(position.strategy)
                strategies.insert(position.strategy ?? "none")
            }
        }
        let held = isHeld.indices.filter { isHeld[$0] }.map { self.inputs.instruments[$0].symbol }.sorted()
        let names = strategies.sorted()
        return self.kept(Self.firm, symbols: held, strategies: names) {
            let levels = self.groups.enumerated().map { level, names in
                ("groups.level_\(level + 1)", Set(names).sorted())
            }
            return ReportStateBuilder(
                name: "firm", currency: self.inputs.convention.baseCurrency,
                parts: .init(
                    table: "accounts", names: self.accounts.map(\.id),
                    groupings: levels + [
                        ("sectors", self.sectors(of: held)), ("strategies", names), ("instruments", held),
                    ]), inputs: self.inputs)
        }
    }

    private func kept(
        _ number: Int, symbols: [String], strategies: [String], make: () -> ReportStateBuilder
    ) -> ReportStateBuilder {
        self.entries.withLock { entries in
            if let entry = entries[number], entry.symbols == symbols, entry.strategies == strategies {
                return entry.builder
            }
            let builder = make()
            entries[number] = Entry(symbols: symbols, strategies: strategies, builder: builder)
            return builder
        }
    }

    private func sectors(of symbols: [String]) -> [String] {
        let indices = symbols.compactMap(self.inputs.directory.index(ofSymbol:))
        return Set(indices.map { self.inputs.instruments[$0].sector }).sorted()
    }

    private func make(_ account: Account, symbols: [String], strategies: [String]) -> ReportStateBuilder {
        return ReportStateBuilder(
            name: account.id, currency: account.currency,
            parts: .init(
                table: "positions", names: symbols,
                groupings: [("sectors", self.sectors(of: symbols)), ("strategies", strategies)]),
            inputs: self.inputs)
    }
}
