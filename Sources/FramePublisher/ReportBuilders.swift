// SPDX-License-Identifier: Apache-2.0
// The layouts of the accounts' reports, made anew where what an account holds changes.

import RiskDomain
import Synchronization

/// Keeps each account's newest builder, since states of one layout share it.
final class ReportBuilders: Sendable {
    private struct Entry {
        var symbols: [String]
        var strategies: [String]
        var builder: ReportStateBuilder
    }

    private let accounts: [Account]
    private let inputs: RiskInputs
    private let entries: Mutex<[Int: Entry]>

    init(accounts: [Account], inputs: RiskInputs) {
        self.accounts = accounts
        self.inputs = inputs
        self.entries = Mutex([:])
    }

    /// - Parameters:
    ///   - number: the account's place among the accounts.
    ///   - symbols: rows of its positions.
    ///   - strategies: by symbol, of those that have one.
    func builder(ofAccount number: Int, symbols: [String], strategies: [String: String]) -> ReportStateBuilder {
        let names = Set(symbols.map { strategies[$0] ?? "none" }).sorted()
        return self.entries.withLock { entries in
            if let entry = entries[number], entry.symbols == symbols, entry.strategies == names { return entry.builder }
            let builder = self.make(self.accounts[number], symbols: symbols, strategies: names)
            entries[number] = Entry(symbols: symbols, strategies: names, builder: builder)
            return builder
        }
    }

    private func make(_ account: Account, symbols: [String], strategies: [String]) -> ReportStateBuilder {
        let instruments = symbols.compactMap { symbol in
            self.inputs.directory.index(ofSymbol: symbol).map { self.inputs.instruments[$0] }
        }
        return ReportStateBuilder(
            name: account.id, currency: account.currency,
            parts: .init(
                table: "positions", names: symbols,
                groupings: [("sectors", Set(instruments.map(\.sector)).sorted()), ("strategies", strategies)]),
            inputs: self.inputs)
    }
}
