// SPDX-License-Identifier: Apache-2.0
// The dashboard: one server-rendered page and the files it loads, all inside the binary.

import Foundation
import FramePublisher
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import RiskDomain

struct PageRoutes: Sendable {
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private let hub: StreamHub
    private let zone: String
    private let template: MustacheTemplate

    init(hub: StreamHub, zone: String) throws {
        self.hub = hub
        self.zone = zone
        self.template = try MustacheTemplate(string: String(decoding: PackageResources.index_mustache, as: UTF8.self))
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in
            try self.page(account: request.uri.queryParameters["account"].map(String.init))
        }
        for asset in PageAsset.all {
            router.get("/assets/\(asset.name)") { request, _ in asset.response(to: request) }
        }
        router.get("/favicon.ico") { request, _ in PageAsset.icon.response(to: request) }
    }

    /// - Parameter account: of the query; `firm` for the firm, the first account without one.
    private func page(account: String?) throws -> Response {
        let isFirm = account == "firm" || self.hub.catalog.accounts.isEmpty
        let id = account ?? self.hub.catalog.accounts.first?.id ?? ""
        guard let channel = isFirm ? ChannelCatalog.firm : self.hub.catalog.index(ofAccount: id) else {
            throw ProblemResponse.notFound("no such account: \(id)")
        }
        guard let state = self.hub.newestCut(channel: channel)?.state,
            let market = self.hub.newestCut(channel: ChannelCatalog.market)?.state
        else { throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet") }
        let context = PageContext(
            account: state, market: market, catalog: self.hub.catalog, isFirm: isFirm, zone: self.zone, now: Date())
        var response = Response.text(self.template.render(context.values()), type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }
}
