// SPDX-License-Identifier: Apache-2.0
// Orders over HTTP: sent, changed, cancelled, and what became of them.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain
import RiskStore
import TradeDesk

struct OrderRoutes: Sendable {
    let desk: OrderDesk
    let catalog: ChannelCatalog

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts/:id/orders") { try await self.orders($0, $1) }
        group.post("accounts/:id/orders") { try await self.submit($0, $1) }
        group.delete("accounts/:id/orders") { try await self.cancelAll($0, $1) }
        group.post("accounts/:id/positions/:symbol/close") { try await self.close($1) }
        group.get("accounts/:id/fills") { try await self.fills($0, $1) }
        group.get("orders/:id") { try await self.order($1) }
        group.patch("orders/:id") { try await self.replace($0, $1) }
        group.delete("orders/:id") { try await self.cancel($1) }
        // Where several nodes number orders, only the account says whose it is.
        group.get("accounts/:id/orders/:order") { try await self.order($1) }
        group.patch("accounts/:id/orders/:order") { try await self.replace($0, $1) }
        group.delete("accounts/:id/orders/:order") { try await self.cancel($1) }
    }

    // MARK: New orders

    private func submit(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .trade, in: self.catalog)
        var form = OrderForm()
        try FlatBody.read(
            try await request.bytes(), like: #"{"symbol":"AAPL","side":"buy","quantity":10}"#
        ) { form.set($0, to: $1) }
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.accepted(try await self.desk.submit(form, account: account, user: user))
        }
    }

    private func close(_ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .trade, in: self.catalog)
        let symbol = try context.parameters.require("symbol")
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.accepted(try await self.desk.close(account: account, symbol: symbol, user: user))
        }
    }

    /// A repeat has the answer of the first time, whatever became of the order since.
    private static func accepted(_ answer: OrderAnswer) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("order_id", answer.order.id)
        if let name = answer.order.request.clientOrderID { json.member("client_order_id", name) }
        json.member("status", OrderStatus.submitted.rawValue)
        json.endObject()
        var response = Response.json(json.bytes)
        response.status = .created
        response.headers[.location] = "/api/v1/accounts/\(answer.order.request.account)/orders/\(answer.order.id)"
        response.headers.append(contentsOf: answer.rate.fields)
        return response
    }

    // MARK: Changes

    private func replace(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let order = try await self.order(of: context, for: .trade)
        var form = ReplaceForm()
        try FlatBody.read(try await request.bytes(), like: #"{"quantity":7,"limit_price":171}"#) {
            form.set($0, to: $1)
        }
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.answer(try await self.desk.replace(order.id, form, user: user))
        }
    }

    private func cancel(_ context: AppRequestContext) async throws -> Response {
        let order = try await self.order(of: context, for: .trade)
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            Self.answer(try await self.desk.cancel(order.id, user: user))
        }
    }

    private func cancelAll(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .trade, in: self.catalog)
        let symbol = request.uri.queryParameters["symbol"].map(String.init)
        let user = context.identity.user
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            let orders = try await self.desk.cancelAll(account: account, symbol: symbol, user: user)
            return Self.list("orders", orders, next: nil) { $0.write(to: &$1) }
        }
    }

    // MARK: What there is

    private func order(_ context: AppRequestContext) async throws -> Response {
        Self.answer(try await self.order(of: context, for: .view))
    }

    /// The order of the path; one that is another's is not there, nor one of another account than the path's.
    private func order(of context: AppRequestContext, for role: AccountRole) async throws -> Order {
        let number = context.parameters.get("order")
        let account = number == nil ? nil : try context.account(for: role, in: self.catalog)
        let text = try number ?? context.parameters.require("id")
        let missing = ProblemResponse.notFound("no such order: \(text)")
        guard let id = WholeNumber.value(of: text), id <= UInt64(Int64.max) else { throw missing }
        let order: Order
        do throws(DeskRefusal) { order = try await self.desk.order(id) } catch {
            if case .unknownOrder = error { throw missing }
            throw DeskProblem.problem(of: error)
        }
        guard context.identity.may(.view, account: order.request.account),
            account == nil || account == order.request.account
        else { throw missing }
        _ = try context.identity.require(role, account: order.request.account, in: self.catalog)
        return order
    }

    private func orders(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .view, in: self.catalog)
        let query = request.uri.queryParameters
        let page = try PageQuery.page(query)
        let isOpenOnly = try PageQuery.flag("open", in: query)
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            let found = try await self.desk.orders(accounts: [account], isOpenOnly: isOpenOnly, page: page)
            return Self.list("orders", found.items, next: found.next) { $0.write(to: &$1) }
        }
    }

    private func fills(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let account = try context.account(for: .view, in: self.catalog)
        let page = try PageQuery.page(request.uri.queryParameters)
        return try await DeskProblem.translating { () throws(DeskRefusal) in
            let found = try await self.desk.fills(accounts: [account], page: page)
            return Self.list("fills", found.items, next: found.next) { $0.write(to: &$1) }
        }
    }

    private static func answer(_ order: Order) -> Response {
        var json = JSONWriter()
        order.write(to: &json)
        return .json(json.bytes)
    }

    private static func list<Item>(
        _ name: String, _ items: [Item], next: UInt64?, _ write: (Item, inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key(name)
        json.beginArray()
        for item in items { write(item, &json) }
        json.endArray()
        if let next { json.member("next_before", next) }
        json.endObject()
        return .json(json.bytes)
    }
}

extension RateNumbers {
    /// What the client may still send, as draft-ietf-httpapi-ratelimit-headers has it.
    var fields: HTTPFields {
        [
            HTTPField.Name("RateLimit-Policy")!: "\(self.limit);w=\(self.windowSeconds)",
            HTTPField.Name("RateLimit-Limit")!: "\(self.limit)",
            HTTPField.Name("RateLimit-Remaining")!: "\(self.remaining)",
            HTTPField.Name("RateLimit-Reset")!: "\(self.resetSeconds)",
        ]
    }
}
