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

/// Before and after, in the account's currency.
public struct WhatIf: Sendable {
    public var before: RiskUse
    public var after: RiskUse
    /// Cash the trades would cost at their prices: negative is paid.
    public var cash: Double?
    /// Symbols of trades the scenarios do not reach, ascending: `after` does not contain their risk.
    public var excluded: [String]
}

extension BookReporter {
    /// Adds the trades' P&L to the vector the account's cut published: work proportional to the window for each trade,
    /// whatever the account holds.
    ///
    /// - Parameters:
    ///   - limit: margin limit of the account, `nil` for none.
    public func whatIf(
        _ trades: [HypotheticalTrade], in book: BookSnapshot, market: MarketSnapshot, limit: Double?
    ) -> WhatIf {
        let holdings = trades.map { trade in
            market.holding(of: trade.instrument, quantity: trade.quantity, currency: book.currency)
        }
        var pnl = book.scenarioPnL
        var excluded: Set<String> = []
        for holding in holdings {
            let vector = self.revaluation.scenarioPnL(
                of: holding, currency: book.currency, scenarios: self.inputs.scenarios, atCut: market.cutNanoseconds)
            guard let vector, vector.count == pnl.count else {
                excluded.insert(holding.symbol)
                continue
            }
            for scenario in pnl.indices { pnl[scenario] += vector[scenario] }
        }
        let costs = zip(trades, holdings).map { trade, holding -> Double? in
            guard let price = trade.price ?? holding.price, let rate = holding.rate else { return nil }
            return 0 - trade.quantity * self.inputs.instruments[trade.instrument].multiplier * price * rate
        }
        return WhatIf(
            before: self.use(pnl: book.scenarioPnL, margins: self.margins(book.positions), limit: limit),
            after: self.use(
                pnl: pnl, margins: self.margins(Self.netted(book.positions, holdings)), limit: limit),
            cash: costs.contains(nil) ? nil : costs.compactMap(\.self).reduce(0, +), excluded: excluded.sorted())
    }

    /// Positions of the same instrument as one: margin is of the net.
    private static func netted(_ positions: [HeldPosition], _ trades: [HeldPosition]) -> [HeldPosition] {
        var netted = positions
        for trade in trades {
            if let index = netted.firstIndex(where: { $0.instrument == trade.instrument }) {
                netted[index].quantity += trade.quantity
            } else {
                netted.append(trade)
            }
        }
        return netted.filter { $0.quantity != 0 }
    }

    private func margins(_ positions: [HeldPosition]) -> [Double?] {
        positions.map { held in
            self.revaluation.marketValue(of: held).map {
                $0.magnitude * self.inputs.instruments[held.instrument].marginRate
            }
        }
    }

    private func use(pnl: [Double], margins: [Double?], limit: Double?) -> RiskUse {
        let known = margins.compactMap(\.self)
        let figures = MarginFigures(
            used: known.isEmpty && !margins.isEmpty ? nil : known.reduce(0, +), limit: limit,
            previousLevel: .unknown)
        let risk = self.historicalFigures(pnl)
        return RiskUse(
            valueAtRisk: risk.valueAtRisk, expectedShortfall: risk.expectedShortfall, marginUsed: figures.used,
            marginLimit: figures.limit, utilisationPercent: figures.utilisationPercent, marginLevel: figures.level)
    }
}
