// SPDX-License-Identifier: Apache-2.0
// Alerts of an account or of the firm, and their acknowledgement.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskStore
import TradeDesk

/// The hub tells what the desk finds.
extension StreamHub: EventSink {}

struct AlertRoutes: Sendable {
    private static let pageLimit = 100

    let catalog: ChannelCatalog
    let desk: AlertDesk
    let store: any DeskStore

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("firm/alerts") { _, context -> Response in
            try context.identity.requireHouse(.view)
            return .json(Self.list(self.desk.standing(account: nil), next: nil))
        }
        group.get("accounts/:id/alerts") { request, context in
            let id = try context.parameters.require("id")
            _ = try context.identity.require(.view, account: id, in: self.catalog)
            return try await self.alerts(of: id, request.uri.queryParameters)
        }
        group.post("alerts/:id/acknowledge") { _, context in
            try await self.change(context.parameters.require("id"), as: context.identity) { id, user in
                try await self.desk.acknowledge(alert: id, user: user)
            }
        }
        group.post("alerts/:id/reset") { _, context in
            try await self.change(context.parameters.require("id"), as: context.identity) { id, user in
                try await self.desk.reset(alert: id, user: user)
            }
        }
    }

    /// Newest first, a page at a time.
    private func alerts(of id: String, _ parameters: Parameters) async throws -> Response {
        var before: UInt64?
        if let text = parameters["before"] {
            guard let given = UInt64(text), !text.hasPrefix("+") else {
                throw ProblemResponse(
                    status: .unprocessableContent, code: "invalid", detail: "before: the number of an alert",
                    errors: ["before": "the number of an alert"])
            }
            before = given
        }
        do throws(StoreError) {
            let page = try await self.store.alerts(
                RecordFilter(accounts: [id]), page: PageRequest(before: before, limit: Self.pageLimit))
            return .json(Self.list(page.items, next: page.next))
        } catch {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "\(error)")
        }
    }

    /// What people do to an alert that stands.
    private func change(
        _ text: String, as identity: Identity,
        _ change: (_ id: UInt64, _ user: String) async throws -> AlertRecord
    ) async throws -> Response {
        guard let id = UInt64(text), let alert = self.desk.standing(id: id),
            identity.may(.view, account: alert.account)
        else { throw ProblemResponse.notFound("no such alert stands: \(text)") }
        guard identity.may(.risk, account: alert.account) else {
            throw ProblemResponse.forbidden("needs the role risk on \(alert.account ?? "the whole house")")
        }
        do {
            let record = try await change(id, identity.user)
            var json = JSONWriter()
            record.write(to: &json)
            return .json(json.bytes)
        } catch AlertRefusal.unknownAlert {
            throw ProblemResponse.notFound("no such alert stands: \(text)")
        } catch is AlertRefusal {
            throw ProblemResponse(
                status: .conflict, code: "not_raised", detail: "alert \(id) is not in a state for that")
        } catch let error as StoreError {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "not acknowledged: \(error)")
        } catch is CancellationError {
            throw ProblemResponse(status: .serviceUnavailable, code: "stopping", detail: "the daemon is stopping")
        }
    }

    private static func list(_ records: [AlertRecord], next: UInt64?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("alerts")
        json.beginArray()
        for record in records { record.write(to: &json) }
        json.endArray()
        if let next { json.member("next_before", next) }
        json.endObject()
        return json.bytes
    }
}
