// SPDX-License-Identifier: Apache-2.0
// The figures limits are about, after trades that have not happened.

import RiskDomain
import RiskReport
import TradeDesk

/// What an account shows, plus what the trades change in it; `nil` where that is not known.
package struct HypotheticalFigures {
    private let shown: ChannelFigures
    private let result: WhatIf
    private let instruments: [Instrument]

    /// - Parameter instruments: in index order, of the inputs that the result is by.
    package init(_ shown: ChannelFigures, after result: WhatIf, instruments: [Instrument]) {
        self.shown = shown
        self.result = result
        self.instruments = instruments
    }

    package func value(of metric: LimitMetric, part: String?) -> Double? {
        switch metric {
        case .grossExposure:
            self.shown.number("totals", "gross_exposure").flatMap { self.sum(of: \.grossChange, from: $0) }
        case .netExposure:
            self.shown.number("totals", "net_exposure").flatMap { self.sum(of: \.netChange, from: $0) }?.magnitude
        case .valueAtRisk: Self.highest(self.result.after.valueAtRisk)
        case .expectedShortfall: Self.highest(self.result.after.expectedShortfall)
        case .marginUtilisation: self.result.after.utilisationPercent
        case .dayLoss: self.gained(self.shown.number("totals", "day_pnl")).map { max(0, -$0) }
        case .stressLoss: self.worstStress.map { max(0, -$0) }
        case .concentration: self.concentration
        case .position: self.change(of: part)?.quantityAfter.magnitude ?? self.shown.value(of: metric, part: part)
        case .notional:
            if let change = self.change(of: part) {
                change.valueAfter?.magnitude
            } else {
                self.shown.value(of: metric, part: part)
            }
        case .sector: self.sector(part)
        case .drawdown, .orderRate: nil
        }
    }

    package var equity: Double? { self.gained(self.shown.equity) }

    private func gained(_ value: Double?) -> Double? {
        guard let value, let gain = self.result.gain else { return nil }
        return value + gain
    }

    private func change(of symbol: String?) -> HoldingChange? {
        self.result.changes.first { $0.symbol == symbol }
    }

    private func sum(of change: (HoldingChange) -> Double?, from value: Double) -> Double? {
        Self.sum(self.result.changes.map(change), from: value)
    }

    private static func sum(_ changes: [Double?], from value: Double) -> Double? {
        changes.reduce(value) { sum, change in
            guard let sum, let change else { return nil }
            return sum + change
        }
    }

    /// A sector in which nothing was held has no row.
    private func sector(_ name: String?) -> Double? {
        let changes = self.result.changes.filter { self.instruments[$0.instrument].sector == name }
        let held = self.shown.value(of: .sector, part: name)
        if held == nil, changes.contains(where: { $0.quantityBefore != 0 }) || changes.isEmpty { return nil }
        return Self.sum(changes.map(\.grossChange), from: held ?? 0)
    }

    private var worstStress: Double? {
        zip(self.shown.stress, self.result.stress).compactMap { before, change -> Double? in
            guard let before, let change else { return nil }
            return before + change
        }.min()
    }

    private var concentration: Double? {
        guard let equity, equity > 0 else { return nil }
        var values = Dictionary(self.shown.marketValues.map { ($0.symbol, $0.value) }) { first, _ in first }
        for change in self.result.changes {
            guard let after = change.valueAfter else { return nil }
            values[change.symbol] = after
        }
        return values.values.map(\.magnitude).max().map { $0 / equity * 100 }
    }

    private static func highest(_ figures: [Int: Double]) -> Double? {
        figures.max { $0.key < $1.key }?.value
    }
}
