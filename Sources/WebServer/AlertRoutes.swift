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
        group.post("alerts/:id/acknowledge") { try await self.acknowledge($1, of: .any) }
        group.post("alerts/:id/reset") { try await self.reset($1, of: .any) }
        // Where several nodes number alerts, only their owner says which it is.
        group.post("accounts/:id/alerts/:alert/acknowledge") { try await self.acknowledge($1, of: .account) }
        group.post("accounts/:id/alerts/:alert/reset") { try await self.reset($1, of: .account) }
        group.post("firm/alerts/:alert/acknowledge") { try await self.acknowledge($1, of: .firm) }
        group.post("firm/alerts/:alert/reset") { try await self.reset($1, of: .firm) }
    }

    /// Whose alerts a path names.
    private enum Owner {
        case any, account, firm
    }

    private func acknowledge(_ context: AppRequestContext, of owner: Owner) async throws -> Response {
        try await self.change(context, of: owner) { try await self.desk.acknowledge(alert: $0, user: $1) }
    }

    private func reset(_ context: AppRequestContext, of owner: Owner) async throws -> Response {
        try await self.change(context, of: owner) { try await self.desk.reset(alert: $0, user: $1) }
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
        _ context: AppRequestContext, of owner: Owner,
        _ change: (_ id: UInt64, _ user: String) async throws -> AlertRecord
    ) async throws -> Response {
        let identity = context.identity
        let (text, isOwn) = try self.number(in: context, of: owner)
        guard let id = UInt64(text), let alert = self.desk.standing(id: id), isOwn(alert),
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

    /// The number in the path, and whether an alert is one of those the path is about.
    private func number(
        in context: AppRequestContext, of owner: Owner
    ) throws -> (text: String, isOwn: (AlertRecord) -> Bool) {
        switch owner {
        case .any: return (try context.parameters.require("id"), { _ in true })
        case .account:
            let account = try context.account(for: .risk, in: self.catalog)
            return (try context.parameters.require("alert"), { $0.account == account })
        case .firm:
            try context.identity.requireHouse(.risk)
            return (try context.parameters.require("alert"), { $0.account == nil })
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
