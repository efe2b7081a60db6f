// SPDX-License-Identifier: Apache-2.0
// The firm view's first screen: the house's totals and its accounts.

import FrameCodec

extension PageContext {
    func firmValues() -> [String: Any] {
        guard let firm else { return [:] }
        let accounts = firm.table("accounts")?.pageRows(
            prefix: "firm/accounts",
            [
                PageColumn("currency", .word), PageColumn("positions", .quantity), PageColumn("market_value", .money),
                PageColumn("day_pnl", .signed), PageColumn("var_9900", .money), PageColumn("margin_level", .level),
            ])
        return [
            "firm_currency": firm.table("")?.word("currency") ?? "",
            "firm_totals": Self.totals(of: firm, prefix: "firm/totals"), "firm_accounts": accounts ?? [],
        ]
    }
}
