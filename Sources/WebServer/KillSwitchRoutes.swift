// SPDX-License-Identifier: Apache-2.0
// Whether an account, or the house, may trade: shown, engaged, reset.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore
import TradeDesk

/// `GET` and `PUT {"state":"halted","reason":"…"}`. Whoever trades an account may stop it; only risk may let it go on.
struct KillSwitchRoutes: Sendable {
    private static let reasonBytesMax = 500
    /// Of a fleet's unit: its own part of the house's switch, and no other's.
    static let partPath = "/api/v1/kill-switch?scope=partition"
    private static let wholeIsNotHere = ProblemResponse.notInAFleet(
        "this unit has only its part of the house: ask a gateway, which asks all units, or say ?scope=partition")

    let desk: OrderDesk
    let catalog: ChannelCatalog
    /// Whether other nodes trade for the house too, and a switch here is a part of the house's.
    let isInFleet: Bool

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts/:id/kill-switch") { _, context in
            try self.answer(context.account(for: .view, in: self.catalog))
        }
        group.put("accounts/:id/kill-switch") { request, context in
            let account = try context.account(for: .view, in: self.catalog)
            if !context.identity.may(.trade, account: account) {
                _ = try context.identity.require(.risk, account: account, in: self.catalog)
            }
            return try await self.set(account, request, context)
        }
        group.get("kill-switch") { _, context in
            // Who trades any account is told whether the house trades at all.
            self.answer(nil)
        }
        group.put("kill-switch") { request, context in
            try context.identity.requireHouse(.risk)
            if self.isInFleet, request.uri.queryParameters["scope"] != "partition" { throw Self.wholeIsNotHere }
            return try await self.set(nil, request, context)
        }
    }

    private func answer(_ account: String?) -> Response {
        Self.response(self.desk.killSwitch(account: account))
    }

    private func set(_ account: String?, _ request: Request, _ context: AppRequestContext) async throws -> Response {
        var state: AccountStanding?
        var reason = ""
        var errors: [String: String] = [:]
        try FlatBody.read(
            try await request.bytes(), like: #"{"state":"halted","reason":"fat finger"}"#
        ) { name, value in
            switch (name, value) {
            case ("state", .text(let text)): state = AccountStanding(rawValue: text)
            case ("reason", .text(let text)):
                reason = text
                if text.utf8.count > Self.reasonBytesMax || text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
                    errors["reason"] = "at most \(Self.reasonBytesMax) bytes without control characters"
                }
            case ("state", _): break
            case ("reason", _): errors["reason"] = "must be a string"
            default: return false
            }
            return true
        }
        if state == nil {
            errors["state"] = "one of \(AccountStanding.allCases.map(\.rawValue).joined(separator: ", "))"
        }
        guard let state, errors.isEmpty else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "the switch cannot be set so", errors: errors)
        }
        let isLoosened = state < self.desk.killSwitch(account: account).state
        let mayStop = context.identity.may(.trade, account: account) && !isLoosened
        if let account, !mayStop { _ = try context.identity.require(.risk, account: account, in: self.catalog) }
        let (user, text) = (context.identity.user, reason)
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.response(
                try await self.desk.setKillSwitch(account: account, state: state, reason: text, user: user))
        }
    }

    private static func response(_ killSwitch: KillSwitch) -> Response {
        var json = JSONWriter()
        killSwitch.write(to: &json)
        return .json(json.bytes)
    }
}
