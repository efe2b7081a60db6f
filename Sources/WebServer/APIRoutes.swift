// SPDX-License-Identifier: Apache-2.0
// The HTTP API (DESIGN.md §7): what the stream shows, for programs that ask once.

import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain

struct APIRoutes: Sendable {
    let hub: StreamHub
    let inputs: RiskInputs

    func add(to router: Router<BasicRequestContext>) {
        let group = router.group("/api/v1")
        group.get("accounts") { _, _ in self.accounts() }
        group.get("accounts/:id") { _, context in try self.account(context.parameters.require("id")) }
        group.get("accounts/:id/scenarios") { _, context in try self.scenarios(context.parameters.require("id")) }
        group.get("instruments") { _, _ in self.instruments() }
    }

    private func accounts() -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("accounts")
        json.beginArray()
        for account in self.hub.catalog.accounts {
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

    private func account(_ id: String) throws -> Response { .json(try self.cut(ofAccount: id).state.jsonData()) }

    private func scenarios(_ id: String) throws -> Response {
        let cut = try self.cut(ofAccount: id)
        var json = JSONWriter(reservingBytes: 64 + cut.scenarioPnL.count * 32)
        json.beginObject()
        json.key("dates")
        json.value(self.inputs.scenarios.dates)
        json.key("pnl")
        json.beginArray()
        for value in cut.scenarioPnL { json.value(value) }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    private func cut(ofAccount id: String) throws -> ChannelCut {
        guard let channel = self.hub.catalog.index(ofAccount: id) else {
            throw ProblemResponse.notFound("no such account: \(id)")
        }
        guard let cut = self.hub.newestCut(channel: channel) else {
            throw ProblemResponse(status: .serviceUnavailable, code: "not_ready", detail: "not valued yet")
        }
        return cut
    }

    private func instruments() -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("instruments")
        json.beginArray()
        for instrument in self.inputs.instruments {
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
