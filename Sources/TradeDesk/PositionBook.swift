// SPDX-License-Identifier: Apache-2.0
// Positions, cash, fees and realised P&L as they follow from fills.

import RiskDomain
import RiskMath

/// The book of all accounts, by the formulas of DESIGN.md §5 (``AverageCost``).
///
/// Every entry counts once by its identifier, for ever. A reversal of a fill of the running day makes the position what
/// it would be had the fill never come: it is computed anew from the start of the day without both. A reversal of an
/// earlier fill is booked as a trade of today at the old price, because days that have ended do not change; cash and
/// the sum of realised, unrealised and fees are the same either way. Cash and fees always take the reversing entry.
///
/// Closed positions stay, at quantity 0, until the day roll.
public struct PositionBook: Sendable, Equatable {
    /// Where a position stood when the day began, and its fills since.
    private struct DayOfPosition: Sendable, Equatable {
        var start: AverageCost
        var fills: [Fill] = []
    }

    private struct Key: Hashable {
        var account: String
        var symbol: String
    }

    private var multipliers: [String: Double]
    /// What positions belong to in attributions; of those that had it when the book was opened.
    private var strategies: [Key: String] = [:]
    public private(set) var accounts: [String: BookedAccount]
    private var days: [Key: DayOfPosition] = [:]
    /// Every fill there ever was, for reversals and repeats.
    private var fills: [String: Fill] = [:]
    private var reversed: Set<String> = []
    private var cashIDs: Set<String> = []
    /// The last day that has ended.
    public private(set) var lastDay: Int?

    /// - Parameters:
    ///   - positions: opening ones, all overnight.
    ///   - priorCloses: by symbol.
    ///   - carried: what was realised and paid in fees before; without an entry, nothing.
    public init(
        instruments: [Instrument], accounts: [Account], positions: [Position] = [],
        priorCloses: [String: Double] = [:], carried: [CarriedTotal] = []
    ) {
        let carried = Dictionary(
            carried.map { (Key(account: $0.account, symbol: $0.symbol ?? ""), $0) }, uniquingKeysWith: { $1 })
        self.multipliers = Dictionary(instruments.map { ($0.symbol, $0.multiplier) }) { first, _ in first }
        self.accounts = Dictionary(
            accounts.map { account in
                let total = carried[Key(account: account.id, symbol: "")]
                return (
                    account.id,
                    BookedAccount(cash: account.cash, fees: total?.fees ?? 0, realisedBefore: total?.realised ?? 0)
                )
            }, uniquingKeysWith: { first, _ in first })
        for position in positions {
            let key = Key(account: position.account, symbol: position.symbol)
            let cost = AverageCost(
                quantity: position.quantity, averageCost: position.averageCost,
                realisedPnL: carried[key]?.realised ?? 0)
            var held = BookedPosition(cost: cost)
            held.priorClose = priorCloses[position.symbol]
            self.accounts[position.account]?.positions[position.symbol] = held
            self.strategies[key] = position.strategy
            self.days[key] = DayOfPosition(start: cost)
        }
        self.priorCloses = priorCloses
    }

    /// Of the last roll, for positions opened since.
    private var priorCloses: [String: Double]

    /// Instruments that come, or that nobody holds and that have other terms.
    public mutating func follow(_ instruments: [Instrument]) {
        for instrument in instruments { self.multipliers[instrument.symbol] = instrument.multiplier }
    }

    public func position(_ account: String, _ symbol: String) -> BookedPosition? {
        self.accounts[account]?.positions[symbol]
    }

    /// The fill of an identifier, if it came since the book was opened.
    public func fill(_ id: String) -> Fill? { self.fills[id] }

    /// Whether a fill or an entry of cash bears the identifier.
    public func isTaken(_ id: String) -> Bool { self.isSeen(id) }

    public func isReversed(_ id: String) -> Bool { self.reversed.contains(id) }

    public func strategy(_ account: String, _ symbol: String) -> String? {
        self.strategies[Key(account: account, symbol: symbol)]
    }

    /// Fills of days before the book was opened, so that they can be reversed.
    public mutating func recall(_ fills: [Fill]) {
        for fill in fills where self.fills[fill.id] == nil {
            self.fills[fill.id] = fill
            if let original = fill.reverses { self.reversed.insert(original) }
        }
    }

    public mutating func apply(_ event: PositionEvent) -> PositionOutcome {
        switch event {
        case .fill(let fill): self.apply(fill)
        case .cash(let entry): self.apply(entry)
        case .dayRoll(let day, let closes): self.roll(day, closes)
        }
    }

    private func isSeen(_ id: String) -> Bool { self.fills[id] != nil || self.cashIDs.contains(id) }

    private mutating func apply(_ entry: CashEntry) -> PositionOutcome {
        if self.isSeen(entry.id) { return .repeated }
        guard self.accounts[entry.account] != nil else { return .refused(.unknownAccount(entry.account)) }
        guard entry.amount.isFinite else { return .refused(.unfitNumber(id: entry.id)) }
        self.cashIDs.insert(entry.id)
        self.accounts[entry.account]?.cash += entry.amount
        return .applied
    }

    private mutating func apply(_ fill: Fill) -> PositionOutcome {
        if self.isSeen(fill.id) { return .repeated }
        guard self.accounts[fill.account] != nil else { return .refused(.unknownAccount(fill.account)) }
        guard let multiplier = self.multipliers[fill.symbol] else { return .refused(.unknownSymbol(fill.symbol)) }
        if let refusal = self.refusal(of: fill) { return .refused(refusal) }
        self.fills[fill.id] = fill
        if let original = fill.reverses { self.reversed.insert(original) }
        self.accounts[fill.account]?.cash += -fill.quantity * fill.price * multiplier * fill.rate + fill.fees
        self.accounts[fill.account]?.fees += fill.fees
        self.accounts[fill.account]?.dayFees += fill.fees
        if self.position(fill.account, fill.symbol) == nil {
            var held = BookedPosition(cost: AverageCost())
            held.priorClose = self.priorCloses[fill.symbol]
            self.accounts[fill.account]?.positions[fill.symbol] = held
        }
        let key = Key(account: fill.account, symbol: fill.symbol)
        if let original = fill.reverses, let index = self.days[key]?.fills.firstIndex(where: { $0.id == original }) {
            self.days[key]?.fills.remove(at: index)
            self.replay(key, multiplier)
        } else {
            self.days[key, default: DayOfPosition(start: AverageCost())].fills.append(fill)
            self.accounts[fill.account]?.positions[fill.symbol]?.trade(fill, multiplier)
        }
        return .applied
    }

    /// Plays the day of a position anew, from its start.
    private mutating func replay(_ key: Key, _ multiplier: Double) {
        guard let day = self.days[key], var held = self.position(key.account, key.symbol) else { return }
        held.cost = day.start
        held.dayTrades = []
        for fill in day.fills { held.trade(fill, multiplier) }
        self.accounts[key.account]?.positions[key.symbol] = held
    }

    private func refusal(of fill: Fill) -> PositionRefusal? {
        let numbers = [fill.quantity, fill.price, fill.rate, fill.fees]
        guard numbers.allSatisfy(\.isFinite), fill.quantity != 0, fill.rate > 0 else {
            return .unfitNumber(id: fill.id)
        }
        guard let reversedID = fill.reverses else { return nil }
        guard let original = self.fills[reversedID] else { return .nothingToReverse(id: reversedID) }
        if self.reversed.contains(reversedID) { return .alreadyReversed(id: reversedID) }
        let opposite = original.reversal(id: fill.id, timeNanoseconds: fill.timeNanoseconds)
        return fill == opposite ? nil : .unequalReversal(id: fill.id)
    }

    private mutating func roll(_ day: Int, _ closes: [String: Double]) -> PositionOutcome {
        if let lastDay, day <= lastDay { return .repeated }
        self.lastDay = day
        self.priorCloses = closes
        self.days = [:]
        for id in self.accounts.keys.sorted() {
            guard var account = self.accounts[id] else { continue }
            account.dayFees = 0
            for (symbol, held) in account.positions.sorted(by: { $0.key < $1.key }) {
                var held = held
                if held.cost.quantity == 0 {
                    account.realisedBefore += held.cost.realisedPnL
                    account.positions[symbol] = nil
                    continue
                }
                held.overnightQuantity = held.cost.quantity
                held.dayTrades = []
                held.priorClose = closes[symbol]
                account.positions[symbol] = held
                self.days[Key(account: id, symbol: symbol)] = DayOfPosition(start: held.cost)
            }
            self.accounts[id] = account
        }
        return .applied
    }
}
