// SPDX-License-Identifier: Apache-2.0
// What the page is filled with: the current state as finished text (`Resources/index.mustache` lists the names).

import DeskService
import Foundation
import FrameCodec
import FramePublisher
import RiskDomain
import RiskStore

struct PageContext {
    /// How a column is written; the names are those of `data-format` in the template.
    private enum Format {
        case money, signed, quantity, percent, change, word, level
        case price(decimals: Int)
    }

    let account: ChannelState
    let market: ChannelState
    /// Those the reader may see.
    let accounts: [Account]
    let identity: Identity
    let isFirm: Bool
    let zone: String
    let now: Date

    /// The template's names to strings, booleans, lists and dictionaries.
    func values() -> [String: Any] {
        let identity = self.account.table("")
        let name = identity?.word("account") ?? ""
        let status = identity?.word("status") ?? "missing"
        return [
            "title": "\(self.isFirm ? "Firm" : name) · tickrisk",
            "view_name": self.isFirm ? "Firm" : self.accounts.first { $0.id == name }?.name ?? name,
            "channel": self.isFirm ? "firm" : "account:\(name)", "account": name,
            "currency": identity?.word("currency") ?? "", "status": status,
            "status_note": status == "partial" ? "positions without a price are left out" : "",
            "is_partial": status == "partial", "is_firm": self.isFirm, "zone": self.zone, "clock": self.clock(),
            "account_links": self.accounts.map {
                ["id": $0.id, "name": $0.name, "selected": !self.isFirm && $0.id == name] as [String: Any]
            },
            "sees_firm": self.identity.may(.view, account: nil), "user": self.identity.user,
            "is_signed_in": self.identity.credential != .none,
            "totals": self.totals(), "positions": self.positions(), "firm_accounts": self.firmAccounts(),
            "market": self.quotes(), "tail": self.tail(), "stress": self.stress(), "sectors": self.sectors(),
            "margin": self.margin(),
        ]
    }

    private func clock() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_GB")
        formatter.timeZone = TimeZone(identifier: self.zone)
        formatter.dateFormat = "HH:mm:ss"
        return "\(formatter.string(from: self.now)) \(self.zone)"
    }

    // MARK: Cells

    private func cell(
        _ table: ChannelState.TableView?, _ column: String, row: Int = 0, _ format: Format,
        missing reason: String = "no part of it has a price", note: String = ""
    ) -> [String: String] {
        let shown: ShownNumber?
        switch format {
        case .word: shown = table?.word(column, row: row).map { ShownNumber(text: $0) }
        case .level:
            shown = table?.word(column, row: row).map {
                ShownNumber(text: $0, tone: $0 == "warn" || $0 == "critical" ? $0 : "")
            }
        default: shown = table?.number(column, row: row).map { Self.show($0, format) }
        }
        guard let shown else { return ["text": "—", "tone": "missing", "note": reason] }
        return ["text": shown.text, "tone": shown.tone, "note": note]
    }

    private static func show(_ value: Double, _ format: Format) -> ShownNumber {
        switch format {
        case .money: ShownNumber(text: NumberText.plain(value, decimals: 2))
        case .signed, .change: NumberText.signed(value, decimals: 2)
        case .price(let decimals): ShownNumber(text: NumberText.plain(value, decimals: decimals))
        case .percent: ShownNumber(text: NumberText.plain(value, decimals: 1))
        case .quantity, .word, .level: ShownNumber(text: NumberText.plain(value, decimals: 0, upTo: 6))
        }
    }

    // MARK: Blocks

    private func totals() -> [String: Any] {
        let table = self.account.table("totals")
        var totals: [String: Any] = [:]
        for column in ["cash", "market_value", "equity", "gross_exposure", "net_exposure"] {
            totals[column] = self.cell(table, column, .money)
        }
        for column in ["unrealised_pnl", "realised_pnl", "fees", "day_pnl", "total_pnl"] {
            totals[column] = self.cell(table, column, .signed)
        }
        return totals
    }

    private func positions() -> [[String: Any]] {
        guard !self.isFirm, let table = self.account.table("positions") else { return [] }
        return table.table.keys.enumerated().map { row, key in
            let reason = table.word("reason", row: row) ?? "no prior close"
            let price = Format.price(decimals: table.decimals(row: row))
            return [
                "key": key, "status": table.word("status", row: row) ?? "missing",
                "quantity": self.cell(table, "quantity", row: row, .quantity),
                "avg_cost": self.cell(table, "avg_cost", row: row, price),
                "price": self.cell(table, "price", row: row, price, missing: reason),
                "market_value": self.cell(table, "market_value", row: row, .money, missing: reason),
                "unrealised_pnl": self.cell(table, "unrealised_pnl", row: row, .signed, missing: reason),
                "realised_pnl": self.cell(table, "realised_pnl", row: row, .signed),
                "day_pnl": self.cell(table, "day_pnl", row: row, .signed, missing: reason),
            ]
        }
    }

    private func firmAccounts() -> [[String: Any]] {
        guard self.isFirm, let table = self.account.table("accounts") else { return [] }
        return table.table.keys.enumerated().map { row, key in
            [
                "key": key, "status": table.word("status", row: row) ?? "missing",
                "currency": self.cell(table, "currency", row: row, .word),
                "positions": self.cell(table, "positions", row: row, .quantity),
                "market_value": self.cell(table, "market_value", row: row, .money),
                "day_pnl": self.cell(table, "day_pnl", row: row, .signed),
                "var_9900": self.cell(table, "var_9900", row: row, .money),
                "margin_level": self.cell(table, "margin_level", row: row, .level),
            ]
        }
    }

    private func quotes() -> [[String: Any]] {
        guard let table = self.market.table("") else { return [] }
        let noPrice = "no price since the daemon started"
        return table.table.keys.enumerated().map { row, key in
            let decimals = table.decimals(row: row)
            return [
                "key": key, "decimals": String(decimals), "status": table.word("status", row: row) ?? "missing",
                "trading": table.word("trading", row: row) ?? "trading",
                "bid": self.cell(table, "bid", row: row, .price(decimals: decimals), missing: "none received"),
                "ask": self.cell(table, "ask", row: row, .price(decimals: decimals), missing: "none received"),
                "last": self.cell(table, "last", row: row, .price(decimals: decimals), missing: noPrice),
                "change_pct": self.cell(table, "change_pct", row: row, .change, missing: noPrice),
            ]
        }
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
                "var": self.cell(valueAtRisk, "value", row: row, .money, missing: reason, note: "VaR: \(convention)"),
                "es": self.cell(
                    shortfall, "value", row: row, .money, missing: reason, note: "expected shortfall: \(convention)"),
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
                "value": self.cell(table, "value", row: row, .signed),
            ]
        }
    }

    private func sectors() -> [[String: Any]] {
        guard let table = self.account.table("sectors") else { return [] }
        return table.table.keys.enumerated().map { row, key in
            [
                "key": key, "net": self.cell(table, "net", row: row, .money),
                "gross": self.cell(table, "gross", row: row, .money),
            ]
        }
    }

    private func margin() -> [String: Any] {
        let table = self.account.table("margin")
        let utilisation = table?.number("utilisation_pct")
        let reason = table?.number("limit") == 0 ? "the margin limit is 0" : "no margin limit is set"
        return [
            "level": table?.word("level") ?? "unknown",
            "fill": Int(min(max(utilisation ?? 0, 0), 100) * 10),
            "used": self.cell(table, "used", .money),
            "limit": self.cell(table, "limit", .money, missing: "no margin limit is set"),
            "utilisation_pct": self.cell(table, "utilisation_pct", .percent, missing: reason),
        ]
    }
}
