// SPDX-License-Identifier: Apache-2.0
// Limits of an account: read and replaced as a whole.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore
import TradeDesk

struct LimitRoutes: Sendable {
    let catalog: ChannelCatalog
    let reports: ReportDesk
    let desk: AlertDesk

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts/:id/limits") { _, context in
            try self.answer(self.account(context.parameters.require("id"), .view, for: context.identity))
        }
        group.put("accounts/:id/limits") { request, context in
            let account = try self.account(context.parameters.require("id"), .risk, for: context.identity)
            try await self.set(request.bytes(), of: account, user: context.identity.user)
            return self.answer(account)
        }
    }

    private func account(_ id: String, _ role: AccountRole, for identity: Identity) throws -> Account {
        self.catalog.accounts[try identity.require(role, account: id, in: self.catalog)]
    }

    private func set(_ body: [UInt8], of account: Account, user: String) async throws {
        // What is not held today may be tomorrow.
        let limits = try LimitRequest.limits(
            body, symbols: self.reports.inputs.instruments.map(\.symbol),
            sectors: self.reports.inputs.instruments.map(\.sector))
        do {
            try await self.desk.set(limits: limits, of: account.id, user: user)
        } catch let error as StoreError {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "not set: \(error)")
        } catch is CancellationError {
            throw ProblemResponse(status: .serviceUnavailable, code: "stopping", detail: "the daemon is stopping")
        }
    }

    private func answer(_ account: Account) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("account", account.id)
        json.member("currency", account.currency)
        json.key("limits")
        json.beginArray()
        for limit in self.desk.limits(of: account.id) {
            json.beginObject()
            json.members(of: limit)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }
}

extension JSONWriter {
    /// What a limit is, inside an object.
    mutating func members(of limit: RiskLimit) {
        self.member("metric", limit.metric.rawValue)
        if let part = limit.part { self.member("part", part) }
        if let soft = limit.soft { self.member("soft", soft) }
        if let hard = limit.hard { self.member("hard", hard) }
        self.member("action", limit.action.rawValue)
    }
}
