// SPDX-License-Identifier: Apache-2.0
// The dashboard: one server-rendered page and the files it loads, all inside the binary.

import DeskService
import Foundation
import FramePublisher
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import RiskDomain
import RiskStore

struct PageRoutes: Sendable {
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private let hub: StreamHub
    private let zone: String
    private let template: MustacheTemplate
    private let signInTemplate: MustacheTemplate

    init(hub: StreamHub, zone: String) throws {
        self.hub = hub
        self.zone = zone
        self.template = try MustacheTemplate(string: String(decoding: PackageResources.index_mustache, as: UTF8.self))
        self.signInTemplate = try MustacheTemplate(
            string: String(decoding: PackageResources.sign_in_mustache, as: UTF8.self))
    }

    func add(to router: Router<AppRequestContext>) {
        router.get("/") { request, context in
            try self.page(account: request.uri.queryParameters["account"].map(String.init), for: context.identity)
        }
        router.get("/sign-in") { _, context in self.signIn(context.identity) }
        for asset in PageAsset.all {
            router.get("/assets/\(asset.name)") { request, _ in asset.response(to: request) }
        }
        router.get("/favicon.ico") { request, _ in PageAsset.icon.response(to: request) }
    }

    /// - Parameter account: of the query; `firm` for the firm, the first account one may see without one.
    private func page(account: String?, for identity: Identity) throws -> Response {
        let accounts = self.hub.catalog.accounts.filter { identity.may(.view, account: $0.id) }
        let isFirm = account == "firm" || account == nil && accounts.isEmpty
        let channel: Int
        if isFirm {
            try identity.requireHouse(.view)
            channel = ChannelCatalog.firm
        } else {
            let id = account ?? accounts[0].id
            channel = self.hub.catalog.index(
                ofAccountNumber: try identity.require(.view, account: id, in: self.hub.catalog))
        }
        guard let state = self.hub.newestCut(channel: channel)?.state,
            let market = self.hub.newestCut(channel: ChannelCatalog.market)?.state
        else { throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet") }
        let context = PageContext(
            account: state, market: market, accounts: accounts, identity: identity, isFirm: isFirm, zone: self.zone,
            now: Date())
        return Self.html(self.template.render(context.values()))
    }

    /// Who is signed in goes on to the dashboard.
    private func signIn(_ identity: Identity) -> Response {
        if !identity.user.isEmpty {
            return Response(status: .seeOther, headers: [.location: "/", .cacheControl: "no-store"])
        }
        return Self.html(self.signInTemplate.render([String: String]()))
    }

    private static func html(_ text: String) -> Response {
        var response = Response.text(text, type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }
}
