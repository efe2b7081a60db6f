// SPDX-License-Identifier: Apache-2.0
// Instruments that a reload takes away, or gives other terms: only what nobody holds, orders or is valued by.

import RiskDomain
import RiskMath
import Synchronization
import TradeDesk

extension OrderDesk {
    /// Lets instruments go: from now on nothing is ordered or booked in them, until the next inputs are followed.
    ///
    /// - Returns: why not, by symbol in their order; then nothing has changed. Empty where all may go.
    public func release(_ symbols: [String]) -> [String] {
        if symbols.isEmpty { return [] }
        return self.state.withLock { state in
            let reasons = self.reasons(against: symbols, state)
            if reasons.isEmpty { state.leaving = Set(symbols) }
            return reasons
        }
    }

    /// Under the lock.
    private func reasons(against symbols: [String], _ state: DeskState) -> [String] {
        let orders = state.ledger.openIDs.compactMap { state.ledger.order($0)?.request }
        let held = state.book.accounts.sorted { $0.key < $1.key }
        let needed = self.needed(held: held.map { ($0.key, Array($0.value.positions.keys)) }, orders)
        return symbols.compactMap { symbol -> String? in
            if let (account, booked) = held.first(where: { $0.value.positions[symbol] != nil }) {
                let isOpen = booked.positions[symbol]?.cost.quantity != 0
                return "\(symbol) is held by \(account)" + (isOpen ? "" : " (closed today: free after the day roll)")
            }
            if let order = orders.first(where: { $0.symbol == symbol }) {
                return "\(symbol) has open orders of \(order.account)"
            }
            return needed.contains(symbol) ? "\(symbol) values what is held (an underlying, or a currency pair)" : nil
        }
    }

    /// Every symbol on whose price something depends that is held or ordered.
    private func needed(held: [(account: String, symbols: [String])], _ orders: [OrderRequest]) -> Set<String> {
        var symbols = Dictionary(held.map { ($0.account, Set($0.symbols)) }, uniquingKeysWith: { $1 })
        for order in orders { symbols[order.account, default: []].insert(order.symbol) }
        var inputs = self.inputs
        inputs.positions = symbols.flatMap { account, symbols in
            symbols.filter { inputs.directory.index(ofSymbol: $0) != nil }.map {
                Position(account: account, symbol: $0, quantity: 1, averageCost: 0)
            }
        }
        let plan = BookPlan(inputs)
        let indices = plan.accounts.flatMap(\.dependencies) + plan.firmDependencies
        return Set(indices.map { inputs.instruments[$0].symbol })
    }
}
