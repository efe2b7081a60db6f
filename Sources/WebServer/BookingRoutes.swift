// SPDX-License-Identifier: Apache-2.0
// What is booked by hand, by administrators of an account: adjustments, cash, busts.

import DeskService
import Foundation
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore

/// Each is journaled with who and why; nothing is ever taken back but by an entry that reverses it.
struct BookingRoutes: Sendable {
    let desk: OrderDesk
    let store: any DeskStore
    let catalog: ChannelCatalog

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.post("accounts/:id/adjustments") { try await self.adjust($0, $1) }
        group.post("accounts/:id/cash") { try await self.transfer($0, $1) }
        group.post("accounts/:id/fills/:fill/bust") { try await self.bust($0, $1) }
    }

    /// `{"symbol":"AAPL","quantity":-5,"price":180,"reason":"…"}`: a fill without an order.
    private func adjust(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .admin, in: self.catalog)
        let body = try BookingRequest(
            try await request.bytes(), texts: ["symbol", "reason"], numbers: ["quantity", "price"])
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.created(
                try await self.desk.adjust(
                    account: account, symbol: body.text("symbol"), quantity: body.number("quantity"),
                    price: body.number("price"), why: body.text("reason"), user: user))
        }
    }

    /// `{"amount":-100,"kind":"withdrawal","reason":"…"}`: money in or out, in the account's currency.
    private func transfer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .admin, in: self.catalog)
        let body = try BookingRequest(try await request.bytes(), texts: ["kind", "reason"], numbers: ["amount"])
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            let entry = try await self.desk.transfer(
                account: account, amount: body.number("amount"), kind: body.text("kind"), why: body.text("reason"),
                user: user)
            var json = JSONWriter()
            json.beginObject()
            json.member("cash_id", entry.id)
            json.member("account", entry.account)
            json.member("amount", entry.amount)
            json.member("kind", entry.kind)
            json.member("reason", entry.reason)
            json.member("user", entry.user)
            json.member("ts", entry.timeNanoseconds)
            json.endObject()
            return Self.created(json.bytes)
        }
    }

    /// `{"reason":"…"}`: the fill is undone by one that reverses it.
    private func bust(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .admin, in: self.catalog)
        let fillID = try context.parameters.require("fill").removingPercentEncoding ?? ""
        let body = try BookingRequest(try await request.bytes(), texts: ["reason"], numbers: [])
        let user = context.identity.user
        let fill: Fill?
        do throws(StoreError) { fill = try await self.store.fill(id: fillID) } catch {
            throw DeskProblem.problem(of: .storeFailed(error))
        }
        // One of another account is as if it were not there.
        guard fill?.account == account else { throw ProblemResponse.notFound("no such fill") }
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.created(try await self.desk.bust(fillID: fillID, why: body.text("reason"), user: user))
        }
    }

    private static func created(_ fill: Fill) -> Response {
        var json = JSONWriter()
        fill.write(to: &json)
        return self.created(json.bytes)
    }

    private static func created(_ bytes: [UInt8]) -> Response {
        var response = Response.json(bytes)
        response.status = .created
        return response
    }
}
