// SPDX-License-Identifier: Apache-2.0
// The figures limits are about, where prices have moved.

import RiskDomain
import RiskReport
import TradeDesk

/// What an account would show; `nil` where that is not known.
package struct StressedFigures {
    private let shown: ChannelFigures
    private let book: BookSnapshot
    private let stressed: StressedBook
    private let instruments: [Instrument]

    /// Metrics that prices move at once. VaR, ES and stress losses are of moves themselves, quantities and order rates
    /// of none.
    package static let metrics: [LimitMetric] = [
        .grossExposure, .netExposure, .notional, .concentration, .sector, .dayLoss, .drawdown, .marginUtilisation,
    ]

    /// - Parameters:
    ///   - book: what the account holds by the same cut.
    ///   - stressed: the book where its prices have moved.
    ///   - instruments: in index order.
    package init(
        _ shown: ChannelFigures, book: BookSnapshot, stressed: StressedBook, instruments: [Instrument]
    ) {
        self.shown = shown
        self.book = book
        self.stressed = stressed
        self.instruments = instruments
    }

    package func value(of metric: LimitMetric, part: String?) -> Double? {
        switch metric {
        case .grossExposure: self.gross { _ in true }
        case .netExposure: self.stressed.values.compactMap(\.self).reduce(0, +).magnitude
        case .sector: self.gross { self.instruments[$0.instrument].sector == part }
        case .notional:
            zip(self.book.positions, self.stressed.values).first { $0.0.symbol == part }?.1?.magnitude
        case .concentration: self.concentration
        case .dayLoss: self.shown.number("totals", "day_pnl").map { max(0, -($0 + self.stressed.pnl)) }
        case .marginUtilisation: self.marginUtilisation
        case .position, .valueAtRisk, .expectedShortfall, .stressLoss, .drawdown, .orderRate: nil
        }
    }

    package var equity: Double? { self.shown.equity.map { $0 + self.stressed.pnl } }

    private func gross(_ isMeant: (HeldPosition) -> Bool) -> Double {
        zip(self.book.positions, self.stressed.values).reduce(0) { sum, row in
            isMeant(row.0) ? sum + (row.1?.magnitude ?? 0) : sum
        }
    }

    private var concentration: Double? {
        guard let equity, equity > 0 else { return nil }
        return self.stressed.values.compactMap { $0?.magnitude }.max().map { $0 / equity * 100 }
    }

    /// What open orders tie up stays.
    private var marginUtilisation: Double? {
        guard let used = self.shown.number("margin", "used"), let limit = self.shown.number("margin", "limit"),
            limit > 0
        else { return nil }
        let values = self.shown.marketValues
        let worth = Dictionary(values.map { ($0.symbol, $0.value.magnitude) }) { first, _ in first }
        let change = zip(self.book.positions, self.stressed.values).reduce(0) { sum, row in
            guard let after = row.1, let before = worth[row.0.symbol] else { return sum }
            return sum + (after.magnitude - before) * self.instruments[row.0.instrument].marginRate
        }
        return (used + change) / limit * 100
    }
}
