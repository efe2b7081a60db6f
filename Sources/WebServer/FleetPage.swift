// SPDX-License-Identifier: Apache-2.0
// The dashboard at a gateway of a fleet: made here, for no unit has the states of all accounts.

import Foundation
import FrameRelay
import HTTPTypes
import Hummingbird

struct FleetPage: Sendable {
    private static let path = "/"
    private static let answerBytesMax = 1 << 20

    private struct Watchlist: Decodable {
        let symbols: [String]
    }

    let fleet: FleetHub
    let forwarder: Forwarder
    let route: FleetRoute
    let zone: String
    let files: PageFiles

    /// `nil` for what the house answers: other pages, and people it does not know.
    func response(to request: Request, from peer: String) async throws -> Response? {
        guard request.uri.path == Self.path, request.method == .get || request.method == .head,
            let hub = self.fleet.hub, let identity = await self.route.identity(request.shownCredential)
        else { return nil }
        var cookies: [String] = []
        var response = try await DashboardPage(hub: hub, isFleet: true, zone: self.zone, files: self.files).response(
            to: request, for: identity
        ) {
            let (symbols, set) = try await self.watchlist(request, from: peer)
            cookies = set
            return symbols
        }
        for cookie in cookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The reader's, as the house has it, and the cookies it sets: it may have renewed the session's token.
    ///
    /// A list that cannot be read is none: as an empty one it would replace what there is at the next change.
    private func watchlist(_ request: Request, from peer: String) async throws -> (symbols: [String], set: [String]) {
        var head = HTTPRequest(
            method: .get, scheme: nil, authority: request.head.authority, path: "/api/v1/watchlist",
            headerFields: request.headers)
        for name in [HTTPField.Name.contentLength, .contentType, .range, .ifNoneMatch, .acceptEncoding] {
            head.headerFields[name] = nil
        }
        let answer = try await self.forwarder.answer(
            to: head, from: peer, at: self.route.house(), bytesMax: Self.answerBytesMax)
        guard answer.head.status == .ok,
            let list = try? JSONDecoder().decode(Watchlist.self, from: Data(answer.body))
        else { throw GatewayMiddleware.notReady("the house does not say what you watch") }
        return (list.symbols, answer.head.headerFields[values: .setCookie])
    }
}
