// SPDX-License-Identifier: Apache-2.0
// Risk, margin and limit use of an account before and after hypothetical trades.

import RiskDomain
import RiskMath

/// A trade that has not happened.
public struct HypotheticalTrade: Sendable, Equatable {
    /// Instrument index.
    public var instrument: Int
    /// Signed: negative sells.
    public var quantity: Double
    /// `nil` for today's price.
    public var price: Double?

    public init(instrument: Int, quantity: Double, price: Double? = nil) {
        self.instrument = instrument
        self.quantity = quantity
        self.price = price
    }
}

/// What a book risks and uses; absent values are `nil` or not in their map.
public struct RiskUse: Sendable, Equatable {
    public var valueAtRisk: [Int: Double]
    public var expectedShortfall: [Int: Double]
    public var marginUsed: Double?
    public var marginLimit: Double?
    public var utilisationPercent: Double?
    public var marginLevel: MarginLevel
}

/// One instrument before and after the trades in it; money in the account's currency, `nil` without price or rate.
public struct HoldingChange: Sendable, Equatable {
    /// Instrument index.
    public var instrument: Int
    public var symbol: String
    public var quantityBefore: Double
    public var quantityAfter: Double
    /// Signed market values.
    public var valueBefore: Double?
    public var valueAfter: Double?

    /// Of what is held.
    public var netChange: Double? { self.change { $0 } }
    /// Of its absolute value.
    public var grossChange: Double? { self.change(\.magnitude) }

    private func change(_ measure: (Double) -> Double) -> Double? {
        guard let before = self.valueBefore, let after = self.valueAfter else { return nil }
        return measure(after) - measure(before)
    }
}

/// Before and after, in the account's currency.
public struct WhatIf: Sendable {
    public var before: RiskUse
    public var after: RiskUse
    /// Cash the trades would cost at their prices: negative is paid.
    public var cash: Double?
    /// What they gain at once, where their prices are not today's.
    public var gain: Double?
    /// Symbols of trades the scenarios do not reach, ascending: `after` does not contain their risk.
    public var excluded: [String]
    /// Of the instruments traded, in the order of the first trade in each.
    public var changes: [HoldingChange]
    /// By stress scenario: P&L of the trades in it.
    public var stress: [Double?]
}

/// What an account's cut publishes of its margin.
public struct PublishedMargin: Sendable {
    /// Positions and open orders; `nil` while it is not known.
    public var used: Double?
    public var limit: Double?
    public var level: MarginLevel

    public init(used: Double?, limit: Double?, level: MarginLevel = .unknown) {
        self.used = used
        self.limit = limit
        self.level = level
    }
}

extension BookReporter {
    /// Adds what the trades change to what the account's cut published: work proportional to the window for each
    /// trade, whatever the account holds.
    public func whatIf(
        _ trades: [HypotheticalTrade], in book: BookSnapshot, market: MarketSnapshot, margin: PublishedMargin
    ) -> WhatIf {
        let holdings = trades.map { trade in
            market.holding(of: trade.instrument, quantity: trade.quantity, currency: book.currency)
        }
        let (pnl, excluded) = self.scenarios(after: holdings, in: book, atCut: market.cutNanoseconds)
        let gains = zip(trades, holdings).map { trade, holding -> (cash: Double, gain: Double)? in
            guard let price = holding.price, let units = self.revaluation.units(of: holding) else { return nil }
            let paid = trade.price ?? price
            return (0 - units * paid, units * (price - paid))
        }
        let known = gains.compactMap(\.self)
        let isKnown = known.count == gains.count
        let changes = self.changes(holdings, in: book)
        return WhatIf(
            before: self.use(pnl: book.scenarioPnL, used: margin.used, margin),
            after: self.use(pnl: pnl, used: self.used(margin.used, after: changes), margin),
            cash: isKnown ? known.reduce(0) { $0 + $1.cash } : nil,
            gain: isKnown ? known.reduce(0) { $0 + $1.gain } : nil, excluded: excluded, changes: changes,
            stress: self.stressPnL(of: holdings, currency: book.currency, atCut: market.cutNanoseconds))
    }

    private func scenarios(
        after holdings: [HeldPosition], in book: BookSnapshot, atCut cutNanoseconds: UInt64
    ) -> (pnl: [Double], excluded: [String]) {
        var pnl = book.scenarioPnL
        var excluded: Set<String> = []
        for holding in holdings {
            let vector = self.revaluation.scenarioPnL(
                of: holding, currency: book.currency, scenarios: self.inputs.scenarios, atCut: cutNanoseconds)
            guard let vector, vector.count == pnl.count else {
                excluded.insert(holding.symbol)
                continue
            }
            for scenario in pnl.indices { pnl[scenario] += vector[scenario] }
        }
        return (pnl, excluded.sorted())
    }

    /// Trades in the same instrument, and what is held of it, as one: exposure and margin are of the net.
    private func changes(_ trades: [HeldPosition], in book: BookSnapshot) -> [HoldingChange] {
        var order: [Int] = []
        var holdings: [Int: HeldPosition] = [:]
        for trade in trades {
            if holdings[trade.instrument] != nil {
                holdings[trade.instrument]!.quantity += trade.quantity
            } else {
                holdings[trade.instrument] = trade
                order.append(trade.instrument)
            }
        }
        return order.compactMap { instrument in
            guard let trade = holdings[instrument] else { return nil }
            var nothing = trade
            nothing.quantity = 0
            let held = book.positions.first { $0.instrument == instrument } ?? nothing
            var after = held
            after.quantity += trade.quantity
            return HoldingChange(
                instrument: instrument, symbol: trade.symbol, quantityBefore: held.quantity,
                quantityAfter: after.quantity, valueBefore: self.value(of: held), valueAfter: self.value(of: after))
        }
    }

    /// What is not held is worth nothing, whether it has a price or not.
    private func value(of held: HeldPosition) -> Double? {
        held.quantity == 0 ? 0 : self.revaluation.marketValue(of: held)
    }

    /// P&L by scenario; `nil` where one of the holdings has none.
    private func stressPnL(
        of holdings: [HeldPosition], currency: String, atCut cutNanoseconds: UInt64
    ) -> [Double?] {
        zip(self.inputs.stressScenarios, self.moves).map { scenario, moves in
            holdings.reduce(0) { sum, held -> Double? in
                let part = self.revaluation.stressPnL(
                    of: held, currency: currency, scenario: scenario, moves: moves, atCut: cutNanoseconds)
                guard let sum, let part else { return nil }
                return sum + part
            }
        }
    }

    private func used(_ used: Double?, after changes: [HoldingChange]) -> Double? {
        changes.reduce(used) { used, change in
            guard let used, let gross = change.grossChange else { return nil }
            return used + gross * self.inputs.instruments[change.instrument].marginRate
        }
    }

    private func use(pnl: [Double], used: Double?, _ published: PublishedMargin) -> RiskUse {
        let margin = MarginFigures(used: used, limit: published.limit, previousLevel: published.level)
        let risk = self.historicalFigures(pnl)
        return RiskUse(
            valueAtRisk: risk.valueAtRisk, expectedShortfall: risk.expectedShortfall, marginUsed: margin.used,
            marginLimit: margin.limit, utilisationPercent: margin.utilisationPercent, marginLevel: margin.level)
    }
}
