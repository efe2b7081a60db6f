// SPDX-License-Identifier: Apache-2.0
// What accounts hold by what was told, beside the plan of the engine: decides what the engine must be told next.

import RiskDomain
import RiskKernel

/// Pure: holdings in, the next step out.
///
/// A change of positions the plan has is commands; a symbol that comes or goes is another plan, and so another engine.
package struct LiveHoldings {
    package enum Step {
        case nothing
        /// All at once, so that no cut shows half of a trade.
        case commands([HoldingCommand])
        case rebuild(RiskInputs)
    }

    private struct Held {
        var account: Account
        var positions: [String: Position] = [:]
    }

    private var inputs: RiskInputs
    /// Counts the inputs that were followed.
    package private(set) var scenarioSet = 0
    private var plan: BookPlan
    /// In the plan's order of accounts.
    private var held: [Held]
    private let numbers: [String: Int]
    /// By account: index of its first position, counted over all accounts.
    private var firstPosition: [Int] = []
    /// Accounts by number of which the engine has not been told everything, with the symbols: none where it is the
    /// money alone.
    private var changed: [Int: Set<String>] = [:]
    private var needsRebuild = false
    /// Holdings of an account or in an instrument that does not exist here.
    package private(set) var ignoredCount = 0

    package init(inputs: RiskInputs, plan: BookPlan) {
        self.inputs = inputs
        self.plan = plan
        self.held = inputs.accounts.map { Held(account: $0) }
        self.numbers = Dictionary(uniqueKeysWithValues: inputs.accounts.enumerated().map { ($1.id, $0) })
        for position in inputs.positions {
            self.held[self.numbers[position.account]!].positions[position.symbol] = position
        }
        self.follow(plan)
    }

    /// From now on steps are for an engine of this plan, which has everything that was taken so far.
    private mutating func follow(_ plan: BookPlan) {
        self.plan = plan
        self.firstPosition = []
        var first = 0
        for account in plan.accounts {
            self.firstPosition.append(first)
            first += account.positions.count
        }
        self.changed = [:]
        self.needsRebuild = false
    }

    /// Strategies by symbol, of an account's positions that have one.
    package func strategies(ofAccount number: Int) -> [String: String] {
        self.held[number].positions.compactMapValues(\.strategy)
    }

    package func number(ofAccount id: String) -> Int? { self.numbers[id] }

    /// Other scenarios, stress and instruments; what is held stays what it is. Nothing is held of what is gone: a row
    /// that says otherwise is ignored.
    package mutating func follow(_ inputs: RiskInputs) {
        for number in self.held.indices {
            let gone = self.held[number].positions.keys.filter { inputs.directory.index(ofSymbol: $0) == nil }
            for symbol in gone { self.held[number].positions[symbol] = nil }
            self.ignoredCount += gone.count
        }
        self.inputs = inputs
        self.scenarioSet += 1
        self.needsRebuild = true
    }

    // MARK: What is told

    package mutating func take(_ holdings: AccountHoldings) {
        guard let number = self.numbers[holdings.account] else {
            self.ignoredCount += 1
            return
        }
        self.takeMoney(of: holdings, number: number)
        for holding in holdings.positions { self.take(holding, number: number) }
        if holdings.isComplete { self.drop(allBut: Set(holdings.positions.map(\.symbol)), number: number) }
    }

    private mutating func takeMoney(of holdings: AccountHoldings, number: Int) {
        var account = self.held[number].account
        account.cash = holdings.cash
        account.ledger = AccountLedger(
            realised: holdings.realised, fees: holdings.fees, dayFees: holdings.dayFees,
            orderMargin: holdings.orderMargin)
        if account == self.held[number].account { return }
        self.held[number].account = account
        if self.changed[number] == nil { self.changed[number] = [] }
    }

    private mutating func take(_ holding: Holding, number: Int) {
        guard self.inputs.directory.index(ofSymbol: holding.symbol) != nil else {
            self.ignoredCount += 1
            return
        }
        let before = self.held[number].positions[holding.symbol]
        let position = Position(
            account: self.held[number].account.id, symbol: holding.symbol, quantity: holding.quantity,
            averageCost: holding.averageCost, strategy: holding.strategy ?? before?.strategy,
            realised: holding.realised,
            day: PositionDay(
                overnightQuantity: holding.overnightQuantity, tradedQuantity: holding.tradedQuantity,
                tradedCost: holding.tradedCost))
        if position == before { return }
        self.held[number].positions[holding.symbol] = position
        if self.row(of: holding.symbol, number: number) == nil {
            self.needsRebuild = true
        } else {
            self.changed[number, default: []].insert(holding.symbol)
        }
    }

    private mutating func drop(allBut symbols: Set<String>, number: Int) {
        let gone = self.held[number].positions.keys.filter { !symbols.contains($0) }
        for symbol in gone { self.held[number].positions[symbol] = nil }
        if !gone.isEmpty { self.needsRebuild = true }
    }

    /// Place of a symbol among the plan's positions of an account, which are in ascending order.
    private func row(of symbol: String, number: Int) -> Int? {
        let positions = self.plan.accounts[number].positions
        var range = positions.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if positions[middle].symbol < symbol {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let row = range.lowerBound
        return row < positions.count && positions[row].symbol == symbol ? row : nil
    }

    // MARK: What the engine is told

    package func nextStep() -> Step {
        let count = self.changed.values.reduce(0) { $0 + 1 + $1.count }
        if self.needsRebuild || count > EngineHandle.commandsMax { return .rebuild(self.currentInputs) }
        return count == 0 ? .nothing : .commands(self.commands())
    }

    private func commands() -> [HoldingCommand] {
        var commands: [HoldingCommand] = []
        for (number, symbols) in self.changed {
            let held = self.held[number]
            commands.append(HoldingCommand(account: held.account, at: number))
            for symbol in symbols {
                guard let position = held.positions[symbol], let row = self.row(of: symbol, number: number) else {
                    continue
                }
                commands.append(HoldingCommand(position: position, at: self.firstPosition[number] + row))
            }
        }
        return commands
    }

    private var currentInputs: RiskInputs {
        var inputs = self.inputs
        inputs.accounts = self.held.map(\.account)
        inputs.positions = self.held.flatMap(\.positions.values)
        return inputs
    }

    /// The commands of the last step are in the engine's ring.
    package mutating func told() { self.changed = [:] }

    /// The last step's inputs have become a book with this plan.
    package mutating func rebuilt(_ plan: BookPlan) { self.follow(plan) }
}
