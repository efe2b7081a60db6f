// SPDX-License-Identifier: Apache-2.0
// Holdings on their way to the thread that tells the engine: the newest of each, however many came.

import RiskDomain

/// Bounded by the accounts and positions there are, not by how often they change.
struct PendingHoldings {
    private struct Entry {
        /// Without positions.
        var account: AccountHoldings
        var positions: [String: Holding]
    }

    private var entries: [String: Entry] = [:]

    var isEmpty: Bool { self.entries.isEmpty }

    mutating func merge(_ holdings: AccountHoldings) {
        var account = holdings
        account.positions = []
        let positions = holdings.positions.map { ($0.symbol, $0) }
        guard !holdings.isComplete, var entry = self.entries.removeValue(forKey: holdings.account) else {
            self.entries[holdings.account] = Entry(
                account: account, positions: Dictionary(positions, uniquingKeysWith: { $1 }))
            return
        }
        // What completes an account stays complete with what changed since.
        account.isComplete = entry.account.isComplete
        entry.account = account
        entry.positions.merge(positions) { $1 }
        self.entries[holdings.account] = entry
    }

    /// Everything merged since the last call, in no order.
    mutating func takeAll() -> [AccountHoldings] {
        defer { self.entries = [:] }
        return self.entries.values.map { entry in
            var holdings = entry.account
            holdings.positions = Array(entry.positions.values)
            return holdings
        }
    }
}
