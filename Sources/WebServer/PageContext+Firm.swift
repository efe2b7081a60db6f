// SPDX-License-Identifier: Apache-2.0
// The firm view's first screen: the house's totals, its headline figures and its accounts.

import FrameCodec

extension PageContext {
    func firmValues() -> [String: Any] {
        guard let firm else { return [:] }
        let table = firm.table("accounts")
        let highest = table?.table.columns.first { $0.name.hasPrefix("var_") }?.name ?? "var_9900"
        let level = (Double(highest.dropFirst("var_".count)) ?? 0) / 100
        let accounts = table?.pageRows(
            prefix: "firm/accounts",
            [
                PageColumn("utilisation_pct", .percent, missing: "being read"),
                PageColumn("margin_utilisation_pct", .percent, missing: "being read"),
                PageColumn("tightest", .word, missing: "being read"),
                PageColumn("margin_level", .level), PageColumn("currency", .word), PageColumn("positions", .quantity),
                PageColumn("market_value", .money), PageColumn("day_pnl", .signed), PageColumn(highest, .money),
                PageColumn("status", .word),
            ])
        let partial = table.map { table in
            table.table.keys.enumerated().filter { table.word("status", row: $0.offset) != "ok" }.map(\.element)
        }
        return [
            "firm_currency": firm.table("")?.word("currency") ?? "", "firm_var_column": highest,
            "firm_var_label": NumberText.plain(level, decimals: 0, upTo: 2) + " %",
            "firm_totals": Self.totals(of: firm, prefix: "firm/totals"), "firm_accounts": accounts ?? [],
            "firm_headline": Self.headline(of: firm, prefix: "firm/card"),
            "firm_partial": partial?.joined(separator: ", ") ?? "",
        ]
    }
}
