// SPDX-License-Identifier: Apache-2.0
// The caller's watchlist: read, and replaced as a whole.

import DeskService
import FrameCodec
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore

struct WatchlistRoutes: Sendable {
    let desk: WatchlistDesk
    let instruments: LiveInstruments

    func add(to router: Router<AppRequestContext>) {
        router.get("/api/v1/watchlist") { request, context in
            try await self.answer(context.identity.user, try Self.name(of: request))
        }
        router.put("/api/v1/watchlist") { request, context in
            let name = try Self.name(of: request)
            try await self.set(request.bytes(), context.identity.user, name)
            return try await self.answer(context.identity.user, name)
        }
    }

    private static func name(of request: Request) throws -> String {
        guard let name = request.uri.queryParameters["name"].map(String.init) else { return WatchlistDesk.standardName }
        let isName =
            1...WatchlistDesk.nameBytesMax ~= name.utf8.count
            && name.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" }
        guard isName else {
            let fact = "1 to \(WatchlistDesk.nameBytesMax) bytes of letters, digits and -"
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "name: \(fact)", errors: ["name": fact])
        }
        return name
    }

    private func set(_ body: [UInt8], _ user: String, _ name: String) async throws {
        let listing = self.instruments.now
        let symbols = try WatchlistRequest.symbols(body, directory: listing.directory, search: listing.search)
        guard await self.desk.hasRoom(user: user, name: name) else {
            let fact = "at most \(WatchlistDesk.listsMax) lists"
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "name: \(fact)", errors: ["name": fact])
        }
        do throws(StoreError) { try await self.desk.set(symbols, user: user, name: name) } catch {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "not set: \(error)")
        }
    }

    /// Without symbols of instruments that are no longer there.
    private func answer(_ user: String, _ name: String) async throws -> Response {
        let symbols = await self.desk.symbols(user: user, name: name)
        let directory = self.instruments.now.directory
        var json = JSONWriter()
        json.beginObject()
        json.member("name", name)
        json.key("symbols")
        json.value(symbols.filter { directory.index(ofSymbol: $0) != nil })
        json.endObject()
        return .json(json.bytes)
    }
}
