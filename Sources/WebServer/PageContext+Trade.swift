// SPDX-License-Identifier: Apache-2.0
// The trading view's first screen: totals, positions and quotes.

import FrameCodec

extension PageContext {
    private static let noPrice = "no price since the daemon started"

    func tradeValues() -> [String: Any] {
        [
            "totals": Self.totals(of: self.account, prefix: "totals"), "positions": self.positions(),
            "quotes": self.quotes(), "watched": self.watched, "is_watchlist_empty": self.watchlist.isEmpty,
        ]
    }

    /// The watchlist as a JSON array, for the element that changes it.
    private var watched: String {
        var json = JSONWriter()
        json.value(self.watchlist)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func positions() -> [[String: Any]] {
        guard !self.isFirm, let table = self.account.table("positions") else { return [] }
        let rows = table.pageRows(
            prefix: "positions",
            [
                PageColumn("quantity", .quantity), PageColumn("avg_cost", .rowPrice), PageColumn("price", .rowPrice),
                PageColumn("market_value", .money), PageColumn("unrealised_pnl", .signed),
                PageColumn("realised_pnl", .signed), PageColumn("day_pnl", .signed),
            ])
        let changes = self.changes(of: rows.compactMap { $0["key"] as? String })
        return zip(rows, changes).map { row, change in
            var row = row
            row["cells"] = (row["cells"] as? [[String: String]] ?? []) + [change]
            return row
        }
    }

    /// The day's change of instruments that are held, which the market's channel knows.
    private func changes(of symbols: [String]) -> [[String: String]] {
        guard let market = self.market.table("") else { return [] }
        let rows = market.rowNumbers
        return symbols.map { symbol in
            let row = rows[symbol]
            let isPriced = row.flatMap { market.word("status", row: $0) } != "missing"
            return PageCell(
                "positions/\(symbol)/change_pct", row == nil ? nil : market, "change_pct", row: row ?? 0, .change,
                missing: isPriced ? "no prior close" : Self.noPrice
            ).values
        }
    }

    /// Those watched, in their order; without a watchlist all instruments.
    private func quotes() -> [[String: Any]] {
        self.market.table("")?.pageRows(
            prefix: "market",
            [
                PageColumn("bid", .rowPrice, missing: "none received"),
                PageColumn("ask", .rowPrice, missing: "none received"),
                PageColumn("last", .rowPrice, missing: Self.noPrice),
                PageColumn("change_pct", .change, missing: Self.noPrice),
            ], keys: self.watchlist.isEmpty ? nil : self.watchlist) ?? []
    }
}
