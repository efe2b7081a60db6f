// SPDX-License-Identifier: Apache-2.0
// The HTTP API (DESIGN.md §7): what the stream shows, for programs that ask once.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain
import RiskStore

struct APIRoutes: Sendable {
    let hub: StreamHub
    let desk: ReportDesk
    let instruments: LiveInstruments

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts") { _, context in self.accounts(visibleTo: context.identity) }
        group.get("accounts/:id") { _, context -> Response in
            .json(try self.cut(ofAccount: context.parameters.require("id"), for: context.identity).state.jsonData())
        }
        group.get("accounts/:id/scenarios") { _, context in
            try self.scenarios(self.cut(ofAccount: context.parameters.require("id"), for: context.identity))
        }
        group.get("instruments") { request, _ in try self.instruments(request.uri.queryParameters) }
    }

    private func accounts(visibleTo identity: Identity) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("accounts")
        json.beginArray()
        for account in self.hub.catalog.accounts where identity.may(.view, account: account.id) {
            json.beginObject()
            json.member("id", account.id)
            json.member("name", account.name)
            json.member("currency", account.currency)
            if let group = account.group { json.member("group", group) }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    private func scenarios(_ cut: ChannelCut) -> Response {
        var json = JSONWriter(reservingBytes: 64 + cut.scenarioPnL.count * 32)
        json.beginObject()
        json.key("dates")
        json.value(self.desk.inputs.scenarios.dates)
        json.key("pnl")
        json.beginArray()
        for value in cut.scenarioPnL { json.value(value) }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    private func cut(ofAccount id: String, for identity: Identity) throws -> ChannelCut {
        let number = try identity.require(.view, account: id, in: self.hub.catalog)
        guard let cut = self.hub.newestCut(channel: self.hub.catalog.index(ofAccountNumber: number)) else {
            throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet")
        }
        return cut
    }

    /// All of them in the order of the file, or the best matches of `search`.
    private func instruments(_ parameters: Parameters) throws -> Response {
        let listing = self.instruments.now
        guard let text = parameters["search"] else { return Self.instruments(listing.directory.instruments) }
        guard 1...InstrumentSearch.textBytesMax ~= text.utf8.count else {
            throw Self.refusal("search", "1 to \(InstrumentSearch.textBytesMax) bytes")
        }
        var limit = 10
        if let given = parameters["limit"] {
            let isPlain = given.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard isPlain, let number = Int(given), (1...100).contains(number) else {
                throw Self.refusal("limit", "1 to 100")
            }
            limit = number
        }
        let found = listing.search.find(String(text), limit: limit)
        return Self.instruments(found.map { listing.directory.instruments[$0] })
    }

    private static func refusal(_ field: String, _ fact: String) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "\(field): \(fact)", errors: [field: fact])
    }

    private static func instruments(_ instruments: [Instrument]) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("instruments")
        json.beginArray()
        for instrument in instruments {
            json.beginObject()
            json.member("id", instrument.id)
            json.member("symbol", instrument.symbol)
            json.member("name", instrument.name)
            json.member("sector", instrument.sector)
            json.member("currency", instrument.currency)
            json.member("multiplier", instrument.multiplier)
            json.member("tick_size", instrument.tickSize)
            json.member("lot_size", instrument.lotSize)
            json.member("margin_rate", instrument.marginRate)
            json.member("price_decimals", instrument.priceDecimals)
            json.member("negative_prices", instrument.allowsNegativePrices)
            json.key("tags")
            json.value(instrument.tags)
            json.kind(instrument.kind)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }
}

extension JSONWriter {
    /// Members that say what an instrument is.
    fileprivate mutating func kind(_ kind: InstrumentKind) {
        switch kind {
        case .spot: self.member("kind", "spot")
        case .future: self.member("kind", "future")
        case .currencyPair(let base):
            self.member("kind", "fx")
            self.member("base_currency", base)
        case .option(let terms):
            self.member("kind", "option")
            self.member("option_right", terms.right.rawValue)
            self.member("style", terms.style.rawValue)
            self.member("strike", terms.strike)
            self.member("expiry", terms.expiry.description)
            self.member("underlying", terms.underlying)
            if let volatility = terms.volatility { self.member("implied_volatility", volatility) }
            self.member("rate", terms.rate)
            self.member("dividend_yield", terms.yield)
        }
    }
}

extension Response {
    static func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
