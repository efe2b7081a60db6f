// SPDX-License-Identifier: Apache-2.0
// The risk view's first screen: tail, stress, sectors and margin.

import FrameCodec

extension PageContext {
    func riskValues() -> [String: Any] {
        [
            "tail": self.tail(), "stress": self.stress(), "sectors": self.sectors(), "greeks": self.greeks(),
            "margin": self.margin(), "headline": Self.headline(of: self.account, prefix: "card"),
        ]
    }

    private func tail() -> [[String: Any]] {
        guard let valueAtRisk = self.account.table("risk.var") else { return [] }
        return valueAtRisk.table.keys.indices.map { row in
            let cells = Self.tailCells(of: self.account, row: row, prefix: "risk")
            return [
                "key": cells.key, "label": cells.label, "cells": [cells.valueAtRisk.values, cells.shortfall.values],
            ]
        }
    }

    private struct TailCells {
        var key: String
        var label: String
        var valueAtRisk: PageCell
        var shortfall: PageCell
    }

    /// VaR and ES at one confidence.
    private static func tailCells(of state: ChannelState, row: Int, prefix: String) -> TailCells {
        let valueAtRisk = state.table("risk.var")
        let key = valueAtRisk?.table.keys[row] ?? ""
        let label = NumberText.plain((Double(key) ?? 0) / 100, decimals: 0, upTo: 2) + " %"
        let convention = self.convention(of: state, label: label)
        let reason = "no priced position has history"
        return TailCells(
            key: key, label: label,
            valueAtRisk: PageCell(
                "\(prefix)/var/\(key)", valueAtRisk, "value", row: row, .money, missing: reason,
                note: "VaR: \(convention)"),
            shortfall: PageCell(
                "\(prefix)/es/\(key)", state.table("risk.es"), "value", row: row, .money, missing: reason,
                note: "expected shortfall: \(convention)"))
    }

    /// The cards: VaR and ES at the highest confidence, equity, day P&L, margin.
    ///
    /// - Parameter prefix: of the cells' paths, so that a page may show a figure in two places.
    static func headline(of state: ChannelState, prefix: String) -> [String: Any] {
        let count = state.table("risk.var")?.table.keys.count ?? 0
        let totals = state.table("totals")
        var values: [String: Any] = [
            "equity": PageCell("\(prefix)/totals/equity", totals, "equity", .money).values,
            "day_pnl": PageCell("\(prefix)/totals/day_pnl", totals, "day_pnl", .signed).values,
            "margin": Self.utilisation(of: state, path: "\(prefix)/margin/utilisation_pct").values,
        ]
        if count > 0 {
            let cells = Self.tailCells(of: state, row: count - 1, prefix: "\(prefix)/risk")
            values["label"] = cells.label
            values["var"] = cells.valueAtRisk.values
            values["es"] = cells.shortfall.values
        }
        return values
    }

    /// As in "99 % 1-day historical, discrete, 500 returns, coverage 100 %".
    private static func convention(of state: ChannelState, label: String) -> String {
        let risk = state.table("risk")
        func number(_ column: String) -> String {
            risk?.number(column).map { NumberText.plain($0, decimals: 0, upTo: 2) } ?? "—"
        }
        let excluded = risk?.list("excluded") ?? []
        let left = excluded.isEmpty ? "" : " (without \(excluded.joined(separator: ", ")))"
        return "\(label) \(number("horizon_days"))-day historical, \(risk?.word("quantile") ?? ""), "
            + "\(number("window")) returns, coverage \(number("coverage_pct")) %\(left)"
    }

    private func stress() -> [[String: Any]] {
        guard let table = self.account.table("stress") else { return [] }
        return table.table.keys.enumerated().map { row, key in
            [
                "key": key, "label": key.replacing("_", with: " "),
                "cells": [PageCell("stress/\(key)", table, "value", row: row, .signed).values],
            ]
        }
    }

    private func sectors() -> [[String: Any]] {
        self.account.table("sectors")?.pageRows(
            prefix: "sectors", [PageColumn("net", .money), PageColumn("gross", .money)]) ?? []
    }

    private func greeks() -> [[String: Any]] {
        let columns = ["delta", "gamma", "vega", "theta", "rho"].map { PageColumn($0, .signed) }
        return self.account.table("greeks")?.pageRows(prefix: "greeks", columns) ?? []
    }

    private static func utilisation(of state: ChannelState, path: String) -> PageCell {
        let table = state.table("margin")
        return PageCell(
            path, table, "utilisation_pct", .percent,
            missing: table?.number("limit") == 0 ? "the margin limit is 0" : "no margin limit is set")
    }

    private func margin() -> [String: Any] {
        let table = self.account.table("margin")
        let level = table?.word("level") ?? "unknown"
        let gauge = MarginGauge(utilisation: table?.number("utilisation_pct"))
        return [
            "level": level, "fill": gauge.fill, "warn_mark": gauge.place(ofPercent: 80),
            "critical_mark": gauge.place(ofPercent: 95), "full_mark": gauge.place(ofPercent: 100),
            "used": PageCell("margin/used", table, "used", .money).values,
            "limit": PageCell("margin/limit", table, "limit", .money, missing: "no margin limit is set").values,
            "utilisation_pct": Self.utilisation(of: self.account, path: "margin/utilisation_pct").values,
            "level_cell": PageCell("margin/level", table, "level", .level, missing: "no margin limit is set").values,
        ]
    }
}

/// The gauge's drawing, 1,000 wide: its scale reaches to 100 %, or as far as margin is used beyond.
struct MarginGauge {
    private let scale: Double
    private let utilisation: Double

    init(utilisation: Double?) {
        self.utilisation = max(0, utilisation ?? 0)
        self.scale = max(100, self.utilisation)
    }

    var fill: Int { self.place(ofPercent: self.utilisation) }

    func place(ofPercent percent: Double) -> Int { Int((percent / self.scale * 1_000).rounded()) }
}
