// SPDX-License-Identifier: Apache-2.0
// The figures limits are about, read from what an account or the firm shows.

import FrameCodec
import TradeDesk

/// Reads a state by names; values that are absent are `nil`.
package struct ChannelFigures {
    private let state: ChannelState

    package init(state: ChannelState) { self.state = state }

    func number(_ path: String, _ column: String) -> Double? {
        guard let table = self.state.layout.table(atPath: path),
            let index = self.state.layout.column(named: column, inTable: table)
        else { return nil }
        return self.present(self.state.layout.numberOffset(table: table, column: index))
    }

    /// Of a map from confidences: that of the highest.
    private func highest(_ path: String) -> Double? {
        guard let (offset, count) = self.map(path), count > 0 else { return nil }
        return self.present(offset + count - 1)
    }

    /// `nil` for a figure that states do not show, such as the rate of orders: the alert desk has it.
    package func value(of metric: LimitMetric, part: String?) -> Double? {
        switch metric {
        case .grossExposure: self.number("totals", "gross_exposure")
        case .netExposure: self.number("totals", "net_exposure")?.magnitude
        case .valueAtRisk: self.highest("risk.var")
        case .expectedShortfall: self.highest("risk.es")
        case .marginUtilisation: self.number("margin", "utilisation_pct")
        case .dayLoss: self.number("totals", "day_pnl").map { max(0, -$0) }
        case .stressLoss: self.worstStress.map { max(0, -$0) }
        case .concentration: self.concentration
        case .position: self.row("positions", part, "quantity")?.magnitude
        case .notional: self.row("positions", part, "market_value")?.magnitude
        case .sector: self.row("sectors", part, "gross")
        case .drawdown, .orderRate: nil
        }
    }

    package var equity: Double? { self.number("totals", "equity") }

    private var worstStress: Double? { self.stress.compactMap(\.self).min() }

    /// By scenario.
    var stress: [Double?] {
        guard let (offset, count) = self.map("stress") else { return [] }
        return (0..<count).map { self.present(offset + $0) }
    }

    /// Greatest position in percent of equity.
    private var concentration: Double? {
        guard let equity, equity > 0 else { return nil }
        return self.marketValues.lazy.map(\.value.magnitude).max().map { $0 / equity * 100 }
    }

    /// Of the positions that have one.
    var marketValues: [(symbol: String, value: Double)] {
        guard let table = self.state.layout.table(atPath: "positions"),
            let column = self.state.layout.column(named: "market_value", inTable: table)
        else { return [] }
        let offset = self.state.layout.numberOffset(table: table, column: column)
        return self.state.layout.tables[table].keys.enumerated().compactMap { row, symbol in
            self.present(offset + row).map { (symbol, $0) }
        }
    }

    private func row(_ path: String, _ key: String?, _ column: String) -> Double? {
        guard let table = self.state.layout.table(atPath: path),
            let row = key.flatMap({ self.state.layout.tables[table].keys.firstIndex(of: $0) }),
            let index = self.state.layout.column(named: column, inTable: table)
        else { return nil }
        return self.present(self.state.layout.numberOffset(table: table, column: index) + row)
    }

    private func map(_ path: String) -> (offset: Int, count: Int)? {
        guard let table = self.state.layout.table(atPath: path) else { return nil }
        return (self.state.layout.numberOffset(table: table, column: 0), self.state.layout.tables[table].rowCount)
    }

    private func present(_ index: Int) -> Double? {
        let value = self.state.numbers[index]
        return value.isNaN ? nil : value
    }
}
