// SPDX-License-Identifier: Apache-2.0
// The risk view's first screen: tail, stress, sectors and margin.

import FrameCodec

extension PageContext {
    func riskValues() -> [String: Any] {
        ["tail": self.tail(), "stress": self.stress(), "sectors": self.sectors(), "margin": self.margin()]
    }

    private func tail() -> [[String: Any]] {
        guard let valueAtRisk = self.account.table("risk.var") else { return [] }
        let shortfall = self.account.table("risk.es")
        return valueAtRisk.table.keys.enumerated().map { row, key in
            let label = NumberText.plain((Double(key) ?? 0) / 100, decimals: 0, upTo: 2) + " %"
            let convention = self.convention(label: label)
            let reason = "no priced position has history"
            return [
                "key": key, "label": label,
                "cells": [
                    PageCell(
                        "risk/var/\(key)", valueAtRisk, "value", row: row, .money, missing: reason,
                        note: "VaR: \(convention)"
                    ).values,
                    PageCell(
                        "risk/es/\(key)", shortfall, "value", row: row, .money, missing: reason,
                        note: "expected shortfall: \(convention)"
                    ).values,
                ],
            ]
        }
    }

    /// As in "99 % 1-day historical, discrete, 500 returns, coverage 100 %".
    private func convention(label: String) -> String {
        let risk = self.account.table("risk")
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

    private func margin() -> [String: Any] {
        let table = self.account.table("margin")
        let utilisation = table?.number("utilisation_pct")
        let noLimit = "no margin limit is set"
        return [
            "level": table?.word("level") ?? "unknown",
            "fill": Int(min(max(utilisation ?? 0, 0), 100) * 10),
            "used": PageCell("margin/used", table, "used", .money).values,
            "limit": PageCell("margin/limit", table, "limit", .money, missing: noLimit).values,
            "utilisation_pct": PageCell(
                "margin/utilisation_pct", table, "utilisation_pct", .percent,
                missing: table?.number("limit") == 0 ? "the margin limit is 0" : noLimit
            ).values,
        ]
    }
}
