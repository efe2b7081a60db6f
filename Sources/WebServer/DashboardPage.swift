// SPDX-License-Identifier: Apache-2.0
// The dashboard as a page: whoever has a hub can make it.

import DeskService
import Foundation
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore

struct DashboardPage: Sendable {
    let hub: StreamHub
    /// Whether several nodes have the accounts: none reports on the positions of all.
    let isFleet: Bool
    /// IANA name of the zone of the page's clock.
    let zone: String
    let files: PageFiles

    /// `view` and `account` of the query; without them, trading in the first account one may see, or the firm.
    ///
    /// - Parameter watchlist: symbols the reader watches.
    func response(
        to request: Request, for identity: Identity, watchlist: () async throws -> [String]
    ) async throws -> Response {
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
        let context = PageContext(
            view: view, account: state,
            firm: seesFirm ? self.hub.newestCut(channel: ChannelCatalog.firm)?.state : nil, market: market,
            accounts: accounts, identity: identity, isFleet: self.isFleet, isFirm: isFirm,
            watchlist: try await watchlist(), zone: self.zone, now: Date())
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
}
