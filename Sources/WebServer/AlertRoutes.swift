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
    /// `nil` where only what stands is known.
    let store: (any DeskStore)?

    func add(to router: Router<BasicRequestContext>) {
        let group = router.group("/api/v1")
        group.get("firm/alerts") { _, _ -> Response in
            .json(Self.list(self.desk.standing(account: nil), next: nil))
        }
        group.get("accounts/:id/alerts") { request, context in
            try await self.alerts(of: context.parameters.require("id"), request.uri.queryParameters)
        }
        group.post("alerts/:id/acknowledge") { _, context in
            try await self.acknowledge(context.parameters.require("id"))
        }
    }

    /// Newest first: with a store all there were, a page at a time; without one those that stand.
    private func alerts(of id: String, _ parameters: Parameters) async throws -> Response {
        guard self.catalog.index(ofAccount: id) != nil else { throw ProblemResponse.notFound("no such account: \(id)") }
        guard let store else { return .json(Self.list(self.desk.standing(account: id), next: nil)) }
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
            let page = try await store.alerts(
                RecordFilter(accounts: [id]), page: PageRequest(before: before, limit: Self.pageLimit))
            return .json(Self.list(page.items, next: page.next))
        } catch {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "\(error)")
        }
    }

    private func acknowledge(_ text: String) async throws -> Response {
        guard let id = UInt64(text) else { throw ProblemResponse.notFound("no such alert: \(text)") }
        do {
            // Everybody may do everything until there are users.
            let record = try await self.desk.acknowledge(alert: id, user: "local")
            var json = JSONWriter()
            record.write(to: &json)
            return .json(json.bytes)
        } catch AlertRefusal.unknownAlert {
            throw ProblemResponse.notFound("no alert \(id) stands")
        } catch is AlertRefusal {
            throw ProblemResponse(status: .conflict, code: "not_raised", detail: "alert \(id) was acknowledged before")
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
