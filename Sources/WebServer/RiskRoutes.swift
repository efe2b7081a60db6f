// SPDX-License-Identifier: Apache-2.0
// The API's questions about risk: why a number is what it is, and what it would be.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskReport
import RiskStore
import TradeDesk

struct RiskRoutes: Sendable {
    private static let cellsMax = 2_000
    /// Cells of a grid times positions of the account.
    private static let valuationsMax = 200_000

    let hub: StreamHub
    let desk: ReportDesk
    let alerts: AlertDesk
    private let queue: ReportQueue

    init(hub: StreamHub, desk: ReportDesk, alerts: AlertDesk) {
        self.init(hub: hub, desk: desk, alerts: alerts, queue: ReportQueue())
    }

    private init(hub: StreamHub, desk: ReportDesk, alerts: AlertDesk, queue: ReportQueue) {
        self.hub = hub
        self.desk = desk
        self.alerts = alerts
        self.queue = queue
    }

    /// For one answer, all parts of which are by the same inputs.
    private var pinned: RiskRoutes {
        RiskRoutes(hub: self.hub, desk: self.desk.pinned, alerts: self.alerts, queue: self.queue)
    }

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("firm/risk") { _, context in
            try context.identity.requireHouse(.view)
            return try await self.queue.answer { try self.pinned.firm() }
        }
        group.get("accounts/:id/risk") { _, context in
            let account = try self.account(of: context)
            return try await self.queue.answer { try self.pinned.report(account) }
        }
        group.get("accounts/:id/stress-grid") { request, context in
            let account = try self.account(of: context)
            return try await self.queue.answer { try self.pinned.grid(account, request.uri.queryParameters) }
        }
        group.get("accounts/:id/reverse-stress") { request, context in
            let account = try self.account(of: context)
            return try await self.queue.answer { try self.pinned.reverseStress(account, request.uri.queryParameters) }
        }
        group.post("accounts/:id/what-if") { request, context in
            let account = try self.account(of: context)
            let body = try await request.bytes()
            return try await self.queue.answer { try self.pinned.whatIf(account, body) }
        }
    }

    /// The account the path names, for whoever may see it.
    private func account(of context: AppRequestContext) throws -> Int {
        try context.identity.require(.view, account: context.parameters.require("id"), in: self.desk.catalog)
    }

    // MARK: Reports

    private func firm() throws -> Response {
        guard self.desk.hasFirm else { throw Self.firmIsSpread }
        guard let state = self.desk.firmState(from: self.hub) else { throw Self.notReady }
        return .json(state.jsonData())
    }

    private func report(_ account: Int) throws -> Response {
        .json(self.desk.state(ofAccount: account, cut: try self.cut(ofAccount: account)).jsonData())
    }

    private func cut(ofAccount number: Int) throws -> ChannelCut {
        guard let cut = self.hub.newestCut(channel: self.desk.catalog.index(ofAccountNumber: number)) else {
            throw Self.notReady
        }
        return cut
    }

    private static let notReady = ProblemResponse(
        status: .serviceUnavailable, code: "not_ready", detail: "not valued yet")

    private static let firmIsSpread = ProblemResponse.notInAFleet(
        "the firm's positions are spread over several engines: ask for accounts, or watch the channel firm")

    private func book(_ account: Int) throws -> BookSnapshot {
        self.desk.book(ofAccount: account, cut: try self.cut(ofAccount: account))
    }

    private func underlying(_ parameters: Parameters) throws -> String? {
        guard let underlying = parameters["underlying"].map(String.init) else { return nil }
        guard self.desk.inputs.directory.index(ofSymbol: underlying) != nil else {
            throw ProblemResponse.notFound("no such instrument: \(underlying)")
        }
        return underlying
    }

    // MARK: What if

    private func whatIf(_ number: Int, _ body: [UInt8]) throws -> Response {
        let cut = try self.cut(ofAccount: number)
        guard let marketCut = self.hub.newestCut(channel: ChannelCatalog.market) else { throw Self.notReady }
        let inputs = self.desk.inputs
        let trades = try WhatIfRequest.trades(body, directory: inputs.directory)
        let account = self.desk.accounts[number]
        let margin = cut.state.table("margin")
        let result = self.desk.reporter.whatIf(
            trades, in: self.desk.book(ofAccount: number, cut: cut),
            market: MarketSnapshot(marketCut, inputs: inputs),
            margin: PublishedMargin(
                used: margin?.number("used"), limit: account.marginLimit,
                level: MarginLevel.allCases.first { $0.name == margin?.word("level") } ?? .unknown))
        var json = JSONWriter()
        json.beginObject()
        json.member("account", account.id)
        json.member("currency", account.currency)
        json.members(of: inputs.convention, window: inputs.scenarios.count)
        json.key("before")
        json.value(result.before, limits: self.alerts.uses(of: account.id, in: cut.state))
        json.key("after")
        json.value(
            result.after,
            limits: self.alerts.uses(
                of: account.id, in: cut.state, after: result, instruments: inputs.instruments))
        if let cash = result.cash { json.member("cash_change", cash) }
        if let gain = result.gain { json.member("gain", gain) }
        json.key("excluded")
        json.value(result.excluded)
        json.endObject()
        return .json(json.bytes)
    }

    // MARK: Ladders, grids, reverse stress

    private func grid(_ account: Int, _ parameters: Parameters) throws -> Response {
        let book = try self.book(account)
        let underlying = try self.underlying(parameters)
        let prices = try Self.moves(parameters["prices"], "prices", default: stride(from: -25.0, through: 25, by: 5))
        let points = try Self.moves(parameters["vol_points"], "vol_points", default: [0.0])
        let cellsMax = min(Self.cellsMax, Self.valuationsMax / max(1, book.positions.count))
        guard prices.count * points.count <= cellsMax else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "too_large",
                detail: "at most \(cellsMax) cells for this account's \(book.positions.count) positions")
        }
        guard prices.allSatisfy({ $0 >= -100 }) else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "out_of_range", detail: "prices: each −100 or more")
        }
        let grid = self.desk.reporter.grid(
            of: book, underlying: underlying, prices: prices.map { $0 / 100 }, volatilityPoints: points)
        var json = JSONWriter()
        json.beginObject()
        json.member("account", self.desk.catalog.accounts[account].id)
        json.member("currency", book.currency)
        if let underlying { json.member("underlying", underlying) }
        json.member("convention", self.desk.reporter.conventions.stress)
        json.key("prices_pct")
        json.value(prices)
        json.key("vol_points")
        json.value(points)
        json.key("pnl")
        json.beginArray()
        for row in grid.pnl { json.value(row.map { $0 ?? .nan }) }
        json.endArray()
        json.endObject()
        return .json(json.bytes)
    }

    /// With a loss the move that costs it, without one the moves that reach the account's limits.
    private func reverseStress(_ account: Int, _ parameters: Parameters) throws -> Response {
        let cut = try self.cut(ofAccount: account)
        let book = self.desk.book(ofAccount: account, cut: cut)
        let underlying = try self.underlying(parameters)
        let id = self.desk.catalog.accounts[account].id
        var json = JSONWriter()
        json.beginObject()
        json.member("account", id)
        json.member("currency", book.currency)
        if let underlying { json.member("underlying", underlying) }
        json.member("convention", self.desk.reporter.conventions.stress)
        if let text = parameters["loss"] {
            guard let loss = Self.number(text), loss > 0 else {
                throw ProblemResponse(
                    status: .unprocessableContent, code: "out_of_range", detail: "loss: a number above 0 is needed")
            }
            json.member("loss", loss)
            var search = ReverseStressSearch(self.desk.reporter, book: book, underlying: underlying)
            json.members(of: search.smallestMove(losing: loss))
        } else {
            json.key("limits")
            json.beginArray()
            let breaches = self.alerts.breaches(
                of: id, in: cut.state, book: book, reporter: self.desk.reporter, underlying: underlying)
            for breach in breaches { json.value(breach) }
            json.endArray()
        }
        json.endObject()
        return .json(json.bytes)
    }

    /// A plain decimal: Swift's own reading also takes `nan`, `0x1p3` and `+5`.
    private static func number(_ text: Substring) -> Double? {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
        }
        guard isPlain, text.utf8.count <= 32, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Comma-separated numbers in percent or points, ascending.
    private static func moves(
        _ text: Substring?, _ name: String, default: some Sequence<Double>
    ) throws -> [Double] {
        guard let text else { return Array(`default`) }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.number)
        guard !numbers.contains(nil), numbers.count <= Self.cellsMax else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "not_a_number",
                detail: "\(name): numbers separated by commas, such as -10,-5,0,5,10")
        }
        return numbers.compactMap(\.self).sorted()
    }
}

extension JSONWriter {
    /// What VaR and ES are by.
    fileprivate mutating func members(of convention: RiskConvention, window: Int) {
        self.member("model", RiskModel.historical.rawValue)
        self.member("window", window)
        self.member("quantile", convention.quantile.rawValue)
        self.member("expected_shortfall", convention.shortfall.rawValue)
        self.member("horizon_days", convention.horizonDays)
        self.member("horizon_method", convention.horizonMethod.rawValue)
    }

    /// Absent members have no value.
    fileprivate mutating func value(_ use: RiskUse, limits: [LimitUse]) {
        self.beginObject()
        self.figures("var", use.valueAtRisk)
        self.figures("es", use.expectedShortfall)
        self.key("margin")
        self.beginObject()
        if let used = use.marginUsed { self.member("used", used) }
        if let limit = use.marginLimit { self.member("limit", limit) }
        if let utilisation = use.utilisationPercent { self.member("utilisation_pct", utilisation) }
        self.member("level", use.marginLevel.name)
        self.endObject()
        self.key("limits")
        self.beginArray()
        for limit in limits { self.value(limit) }
        self.endArray()
        self.endObject()
    }

    fileprivate mutating func members(of found: ReverseStress?) {
        guard let found else { return }
        self.member("move_pct", found.move * 100)
        self.member("pnl", found.pnl)
    }

    fileprivate mutating func value(_ breach: LimitBreach) {
        self.beginObject()
        self.member("metric", breach.limit.metric.rawValue)
        if let part = breach.limit.part { self.member("part", part) }
        self.member("threshold", breach.threshold)
        self.members(of: breach.found)
        self.endObject()
    }

    private mutating func figures(_ name: String, _ figures: [Int: Double]) {
        self.key(name)
        self.beginObject()
        for (confidence, value) in figures.sorted(by: { $0.key < $1.key }) { self.member(String(confidence), value) }
        self.endObject()
    }

    fileprivate mutating func value(_ numbers: [Double]) {
        self.beginArray()
        for number in numbers { self.value(number) }
        self.endArray()
    }
}
