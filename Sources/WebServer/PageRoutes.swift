// SPDX-License-Identifier: Apache-2.0
// The dashboard: one server-rendered page and the files it loads, all inside the binary.

import DeskService
import Foundation
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain
import RiskStore

struct PageRoutes: Sendable {
    let hub: StreamHub
    let watchlists: WatchlistDesk
    let zone: String
    let files: PageFiles

    func add(to router: Router<AppRequestContext>) {
        router.get("/") { request, context in try await self.dashboard(request, for: context.identity) }
        router.get("/sign-in") { request, context in try self.signIn(request, context.identity) }
        router.get("/assets/:version/**") { request, context in
            let path = context.parameters.getCatchAll().joined(separator: "/")
            return try self.asset(path, version: context.parameters.require("version"), to: request)
        }
        router.get("/favicon.ico") { request, _ in try self.asset(PageFile.icon, version: "", to: request) }
    }

    private func asset(_ path: String, version: String, to request: Request) throws -> Response {
        guard let (asset, isCurrent) = try self.files.asset(at: path, version: version) else {
            throw ProblemResponse(status: .notFound, code: "not_found", detail: "no such file")
        }
        return asset.response(to: request, isLasting: isCurrent)
    }

    /// `view` and `account` of the query; without them, trading in the first account one may see, or the firm.
    private func dashboard(_ request: Request, for identity: Identity) async throws -> Response {
        let query = request.uri.queryParameters
        let accounts = self.hub.catalog.accounts.filter { identity.may(.view, account: $0.id) }
        let account = query["account"].map(String.init) ?? accounts.first?.id ?? "firm"
        let view = try self.view(query["view"].map(String.init), account: account)
        // The firm view keeps the account one came from.
        let isFirm = account == "firm"
        if isFirm || view == .firm { try identity.requireHouse(.view) }
        let channel =
            try isFirm
            ? ChannelCatalog.firm
            : self.hub.catalog.index(
                ofAccountNumber: identity.require(.view, account: account, in: self.hub.catalog))
        guard let state = self.hub.newestCut(channel: channel)?.state,
            let market = self.hub.newestCut(channel: ChannelCatalog.market)?.state
        else { throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet") }
        let seesFirm = identity.may(.view, account: nil)
        let watched = await self.watchlists.symbols(user: identity.user, name: WatchlistDesk.standardName)
        let context = PageContext(
            view: view, account: state,
            firm: seesFirm ? self.hub.newestCut(channel: ChannelCatalog.firm)?.state : nil, market: market,
            accounts: accounts, identity: identity, isFirm: isFirm, watchlist: watched, zone: self.zone, now: Date())
        return try self.files.response("page", context.values(), to: request)
    }

    /// Who trades trades in an account: the firm has its own view.
    private func view(_ name: String?, account: String) throws -> PageView {
        guard let name else { return account == "firm" ? .firm : .trade }
        guard let view = PageView(rawValue: name) else {
            throw ProblemResponse(
                status: .notFound, code: "not_found",
                detail: "no such view; there are \(PageView.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return view == .trade && account == "firm" ? .firm : view
    }

    /// Who is signed in goes on to the dashboard.
    private func signIn(_ request: Request, _ identity: Identity) throws -> Response {
        if !identity.user.isEmpty {
            return Response(status: .seeOther, headers: [.location: "/", .cacheControl: "no-store"])
        }
        return try self.files.response("sign-in", [:], to: request)
    }
}
