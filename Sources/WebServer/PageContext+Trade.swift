// SPDX-License-Identifier: Apache-2.0
// The trading view's first screen: totals, positions and quotes.

import FrameCodec

extension PageContext {
    func tradeValues() -> [String: Any] {
        [
            "totals": Self.totals(of: self.account, prefix: "totals"), "positions": self.positions(),
            "quotes": self.quotes(),
        ]
    }

    private func positions() -> [[String: Any]] {
        guard !self.isFirm, let table = self.account.table("positions") else { return [] }
        return table.pageRows(
            prefix: "positions",
            [
                PageColumn("quantity", .quantity), PageColumn("avg_cost", .rowPrice), PageColumn("price", .rowPrice),
                PageColumn("market_value", .money), PageColumn("unrealised_pnl", .signed),
                PageColumn("realised_pnl", .signed), PageColumn("day_pnl", .signed),
            ])
    }

    private func quotes() -> [[String: Any]] {
        let noPrice = "no price since the daemon started"
        return self.market.table("")?.pageRows(
            prefix: "market",
            [
                PageColumn("bid", .rowPrice, missing: "none received"),
                PageColumn("ask", .rowPrice, missing: "none received"),
                PageColumn("last", .rowPrice, missing: noPrice), PageColumn("change_pct", .change, missing: noPrice),
            ]) ?? []
    }
}
