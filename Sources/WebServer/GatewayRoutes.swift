// SPDX-License-Identifier: Apache-2.0
// What a gateway answers itself, and what its upstream answers.

import DeskService
import FrameRelay
import HTTPTypes
import Hummingbird

/// The port's own health and the files of the page are ours; everything else is passed on.
struct GatewayMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    private static let ownPaths: Set<String> = ["/healthz", "/readyz", "/metrics", UpgradePolicy.path]
    private static let assets = "/assets/"

    let gateway: any GatewayUpstream
    let route: any RequestRoute
    let forwarder: Forwarder
    let files: PageFiles
    /// `nil` where upstream makes all pages.
    let page: FleetPage?
    /// `nil` where upstream has all of it.
    let wholeHouse: WholeHouse?

    func handle(
        _ request: Request, context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        if Self.ownPaths.contains(path) { return try await next(request, context) }
        if let asset = try self.asset(request) { return asset }
        guard self.gateway.isServing else { throw Self.notReady(self.gateway.unavailable) }
        if let page = try await self.page?.response(to: request, from: context.remoteAddress) { return page }
        if let answer = try await self.wholeHouse?.response(to: request, from: context.remoteAddress) {
            return answer
        }
        let target = try await self.route.target(of: request)
        return try await self.forwarder.forward(request, from: context.remoteAddress, to: target)
    }

    /// A file of the page, as long as upstream's is the same: its version is in the path.
    private func asset(_ request: Request) throws -> Response? {
        let path = request.uri.path
        guard path.hasPrefix(Self.assets), request.method == .get || request.method == .head else { return nil }
        let parts = path.dropFirst(Self.assets.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2,
            let (asset, isCurrent) = try self.files.asset(at: String(parts[1]), version: String(parts[0])), isCurrent
        else { return nil }
        let response = asset.response(to: request, isLasting: true)
        return request.method == .head ? response.createHeadResponse() : response
    }

    static func notReady(_ reason: String?) -> ProblemResponse {
        var problem = ProblemResponse(
            status: .serviceUnavailable, code: "not_ready", detail: reason ?? "nothing is streamed yet")
        problem.headers = [.retryAfter: "2", .cacheControl: "no-store"]
        return problem
    }
}

/// The answer to a request for the stream that did not become one, at a gateway.
struct GatewayStreamRoute: Sendable {
    let gateway: any GatewayUpstream
    let access: RemoteAccess

    func add(to router: Router<AppRequestContext>) {
        router.get("/ws") { request, _ -> Response in throw self.problem(of: request) }
    }

    private func problem(of request: Request) -> ProblemResponse {
        if let reason = self.gateway.unavailable { return GatewayMiddleware.notReady(reason) }
        let shown = request.shownCredential
        if self.access.identity(shown) == nil {
            if shown != .none, let reason = self.gateway.identitiesUnavailable {
                return GatewayMiddleware.notReady(reason)
            }
            return AuthenticationMiddleware.unauthenticated(shown)
        }
        return StreamRoute.problem(of: request)
    }
}
