// SPDX-License-Identifier: Apache-2.0
// What the page is filled with: the current state as finished text. `Resources/pages/page.mustache` lists the names.

import DeskService
import Foundation
import FrameCodec
import FramePublisher
import RiskDomain
import RiskStore

/// What a page is looked at for; the name in its address.
enum PageView: String, CaseIterable {
    case trade, risk, firm, history

    var title: String { self.rawValue.prefix(1).uppercased() + self.rawValue.dropFirst() }
}

struct PageContext {
    let view: PageView
    /// Of the account in view, or of the firm.
    let account: ChannelState
    /// `nil` where the reader may not see the firm.
    let firm: ChannelState?
    let market: ChannelState
    /// Those the reader may see.
    let accounts: [Account]
    let identity: Identity
    /// Whether several nodes have the accounts.
    let isFleet: Bool
    /// Whether the firm stands in the place of an account.
    let isFirm: Bool
    /// Symbols the reader watches; empty where there is no list yet.
    let watchlist: [String]
    let zone: String
    let now: Date

    /// The template's names to strings, booleans, lists and dictionaries.
    func values() -> [String: Any] {
        let record = self.account.table("")
        let id = self.isFirm ? "firm" : record?.word("account") ?? ""
        let status = record?.word("status") ?? "missing"
        var values: [String: Any] = [
            "title": "\(self.isFirm ? "Firm" : id) · \(self.view.title) · tickrisk", "view": self.view.rawValue,
            "account": id,
            "account_name": self.isFirm ? "Firm" : self.accounts.first { $0.id == id }?.name ?? id,
            "currency": record?.word("currency") ?? "", "status": status,
            "status_note": status == "partial" ? "positions without a price are left out" : "",
            "is_partial": status == "partial", "is_fleet": self.isFleet, "is_firm": self.isFirm,
            "zone": self.zone, "clock": self.clock(),
            "accounts": self.accounts.map {
                ["id": $0.id, "name": $0.name, "selected": !self.isFirm && $0.id == id] as [String: Any]
            },
            "tabs": self.tabs(account: id), "sees_firm": self.firm != nil, "user": self.identity.user,
            "may_trade": !self.isFirm && self.identity.may(.trade, account: id),
            "may_risk": self.identity.may(.risk, account: self.isFirm ? nil : id),
            "may_stop_house": self.identity.may(.risk, account: nil),
            "is_signed_in": self.identity.credential != .none,
        ]
        for view in PageView.allCases { values["shows_\(view.rawValue)"] = view == self.view }
        for (block, content) in [self.tradeValues(), self.riskValues(), self.firmValues()].joined() {
            values[block] = content
        }
        return values
    }

    private func tabs(account: String) -> [[String: Any]] {
        PageView.allCases.filter { $0 != .firm || self.firm != nil }.map { view in
            [
                "view": view.rawValue, "label": view.title, "selected": view == self.view,
                "account": account,
            ]
        }
    }

    private func clock() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_GB")
        formatter.timeZone = TimeZone(identifier: self.zone)
        formatter.dateFormat = "HH:mm:ss"
        return "\(formatter.string(from: self.now)) \(self.zone)"
    }
}

extension PageContext {
    /// Totals of an account or the firm, `{column: cell}`.
    static func totals(of state: ChannelState, prefix: String) -> [String: Any] {
        let money = ["cash", "market_value", "equity", "gross_exposure", "net_exposure"]
        let results = ["unrealised_pnl", "realised_pnl", "fees", "day_pnl", "total_pnl"]
        let columns = money.map { PageColumn($0, .money) } + results.map { PageColumn($0, .signed) }
        return state.table("totals")?.pageRecord(prefix: prefix, columns) ?? [:]
    }
}
