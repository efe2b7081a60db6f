// SPDX-License-Identifier: Apache-2.0
// The dashboard: one server-rendered page and the files it loads, all inside the binary.

import DeskService
import HTTPTypes
import Hummingbird

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

    private func dashboard(_ request: Request, for identity: Identity) async throws -> Response {
        try await DashboardPage(hub: self.hub, isFleet: false, zone: self.zone, files: self.files).response(
            to: request, for: identity
        ) { await self.watchlists.symbols(user: identity.user, name: WatchlistDesk.standardName) }
    }

    /// Who is signed in goes on to the dashboard.
    private func signIn(_ request: Request, _ identity: Identity) throws -> Response {
        if !identity.user.isEmpty {
            return Response(status: .seeOther, headers: [.location: "/", .cacheControl: "no-store"])
        }
        return try self.files.response("sign-in", [:], to: request)
    }
}
