// SPDX-License-Identifier: Apache-2.0
// A desk in small: what accounts hold after random trades, and the inputs a reference values them from.

import RiskDomain
import RiskMath
import RiskSimulation

struct HeldBook {
    private let inputs: RiskInputs
    /// By account; with all positions.
    private(set) var accounts: [String: AccountHoldings]
    /// By account: symbols that changed since the last ``takeChanges()``.
    private var changes: [String: Set<String>] = [:]
    private var completed: Set<String> = []

    init(_ inputs: RiskInputs) {
        self.inputs = inputs
        let positions = Dictionary(grouping: inputs.positions, by: \.account)
        self.accounts = Dictionary(
            uniqueKeysWithValues: inputs.accounts.map { account in
                let held = (positions[account.id] ?? []).map { position in
                    Holding(
                        symbol: position.symbol, quantity: position.quantity, averageCost: position.averageCost,
                        overnightQuantity: position.quantity)
                }
                return (account.id, AccountHoldings(account: account.id, cash: account.cash, positions: held))
            })
    }

    /// Inputs of the same book as it is held now.
    var current: RiskInputs {
        var inputs = self.inputs
        inputs.accounts = inputs.accounts.map { account in
            let held = self.accounts[account.id]!
            var account = account
            account.cash = held.cash
            account.ledger = AccountLedger(
                realised: held.realised, fees: held.fees, dayFees: held.dayFees, orderMargin: held.orderMargin)
            return account
        }
        inputs.positions = self.accounts.values.flatMap { held in
            held.positions.map { holding in
                Position(
                    account: held.account, symbol: holding.symbol, quantity: holding.quantity,
                    averageCost: holding.averageCost, realised: holding.realised,
                    day: PositionDay(
                        overnightQuantity: holding.overnightQuantity, tradedQuantity: holding.tradedQuantity,
                        tradedCost: holding.tradedCost))
            }
        }
        return inputs
    }

    mutating func trade(_ account: String, _ symbol: String, _ quantity: Double, at price: Double, fees: Double) {
        let multiplier = self.inputs.instruments[self.inputs.directory.index(ofSymbol: symbol)!].multiplier
        var held = self.accounts[account]!
        let row = held.positions.firstIndex { $0.symbol == symbol }
        var holding =
            row.map { held.positions[$0] }
            ?? Holding(symbol: symbol, quantity: 0, averageCost: 0, overnightQuantity: 0)
        var cost = AverageCost(
            quantity: holding.quantity, averageCost: holding.averageCost, realisedPnL: holding.realised)
        held.cash += cost.fill(quantity, at: price, multiplier: multiplier, fees: fees)
        held.realised += cost.realisedPnL - holding.realised
        held.fees += fees
        held.dayFees += fees
        holding.quantity = cost.quantity
        holding.averageCost = cost.averageCost
        holding.realised = cost.realisedPnL
        holding.tradedQuantity += quantity
        holding.tradedCost += quantity * price
        if let row { held.positions[row] = holding } else { held.positions.append(holding) }
        self.accounts[account] = held
        self.changes[account, default: []].insert(symbol)
    }

    mutating func close(_ account: String, _ symbol: String, at price: Double) {
        guard let held = self.accounts[account]!.positions.first(where: { $0.symbol == symbol }) else { return }
        self.trade(account, symbol, -held.quantity, at: price, fees: -0.5)
    }

    mutating func setOrderMargin(_ account: String, _ margin: Double) {
        self.accounts[account]!.orderMargin = margin
        self.accounts[account]!.cash += 1
        self.changes[account, default: []].formUnion([])
    }

    /// Closed positions are gone, and what is held was held over night.
    mutating func rollDay() {
        for id in self.accounts.keys {
            self.accounts[id]!.dayFees = 0
            self.accounts[id]!.positions = self.accounts[id]!.positions.filter { $0.quantity != 0 }.map { holding in
                var holding = holding
                holding.overnightQuantity = holding.quantity
                holding.tradedQuantity = 0
                holding.tradedCost = 0
                return holding
            }
            self.completed.insert(id)
        }
    }

    /// What a desk would say of everything since the last call.
    mutating func takeChanges() -> [AccountHoldings] {
        defer { (self.changes, self.completed) = ([:], []) }
        return Set(self.changes.keys).union(self.completed).sorted().map { id in
            var holdings = self.accounts[id]!
            holdings.isComplete = self.completed.contains(id)
            if !holdings.isComplete {
                holdings.positions = holdings.positions.filter { self.changes[id]!.contains($0.symbol) }
            }
            return holdings
        }
    }
}
