// SPDX-License-Identifier: Apache-2.0
// How much of their limits accounts use: one account's limit by limit, all accounts' in one answer.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore
import TradeDesk

struct LimitUseRoutes: Sendable {
    let hub: StreamHub
    let desk: AlertDesk

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts/:id/limit-use") { _, context in
            let number = try context.identity.require(
                .view, account: context.parameters.require("id"), in: self.hub.catalog)
            return try self.account(number)
        }
        group.get("firm/limit-use") { _, context -> Response in
            try context.identity.requireHouse(.view)
            return self.firm()
        }
    }

    private func state(ofAccount number: Int) -> ChannelState? {
        self.hub.newestCut(channel: self.hub.catalog.index(ofAccountNumber: number))?.state
    }

    private func account(_ number: Int) throws -> Response {
        guard let state = self.state(ofAccount: number) else {
            throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet")
        }
        let account = self.hub.catalog.accounts[number]
        var json = JSONWriter()
        json.beginObject()
        json.member("account", account.id)
        json.member("currency", account.currency)
        json.key("limits")
        json.beginArray()
        for use in self.desk.uses(of: account.id, in: state) { json.value(use) }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    /// Accounts that were not valued yet have their name only.
    private func firm() -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("accounts")
        json.beginArray()
        for (number, account) in self.hub.catalog.accounts.enumerated() {
            let state = self.state(ofAccount: number)
            let margin = state?.table("margin")?.number("utilisation_pct")
            let uses = state.map { self.desk.uses(of: account.id, in: $0) } ?? []
            let tightest = uses.max { ($0.utilisationPercent ?? -1) < ($1.utilisationPercent ?? -1) }
            json.beginObject()
            json.member("account", account.id)
            if let margin { json.member("margin_utilisation_pct", margin) }
            if let tightest {
                json.key("limit")
                json.value(tightest)
            }
            let greatest = [margin, tightest?.utilisationPercent].compactMap(\.self).max()
            if let greatest { json.member("utilisation_pct", greatest) }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }
}

extension JSONWriter {
    mutating func value(_ use: LimitUse) {
        self.beginObject()
        self.members(of: use.limit)
        if let value = use.value { self.member("value", value) }
        if let utilisation = use.utilisationPercent { self.member("utilisation_pct", utilisation) }
        self.member("level", use.level)
        self.endObject()
    }
}
