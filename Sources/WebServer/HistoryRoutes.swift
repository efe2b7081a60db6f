// SPDX-License-Identifier: Apache-2.0
// P&L, risk and exposure over time, from the store.

import DeskService
import FrameCodec
import FramePublisher
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskKernel
import RiskStore

struct HistoryRoutes: Sendable {
    private static let limit = 1_000

    let catalog: ChannelCatalog
    /// Currency of the firm.
    let baseCurrency: String
    let store: any DeskStore

    func add(to router: Router<AppRequestContext>) {
        let group = router.group("/api/v1")
        group.get("firm/history") { request, context in
            try context.identity.requireHouse(.view)
            return try await self.history(account: nil, currency: self.baseCurrency, request.uri.queryParameters)
        }
        group.get("accounts/:id/history") { request, context in
            let id = try context.parameters.require("id")
            let number = try context.identity.require(.view, account: id, in: self.catalog)
            let currency = self.catalog.accounts[number].currency
            return try await self.history(account: id, currency: currency, request.uri.queryParameters)
        }
    }

    /// `resolution` is second, minute (default) or day; `from` seconds since 1970, by default so far back as one
    /// answer reaches.
    private func history(account: String?, currency: String, _ parameters: Parameters) async throws -> Response {
        let resolutions: [String: HistoryResolution] = ["second": .second, "minute": .minute, "day": .day]
        guard let resolution = resolutions[parameters["resolution"].map(String.init) ?? "minute"] else {
            throw Self.refusal("resolution", "second, minute or day")
        }
        let now = Int64(WallClock.nowNanoseconds / 1_000_000_000)
        var from = max(0, now - Int64(Self.limit) * resolution.rawValue)
        if let text = parameters["from"] {
            guard let given = Int64(text), given >= 0, !text.hasPrefix("+") else {
                throw Self.refusal("from", "whole seconds since 1970")
            }
            from = given
        }
        let intervals: [HistoryInterval]
        do throws(StoreError) {
            intervals = try await self.store.history(
                account: account, resolution: resolution, fromSeconds: from, limit: Self.limit)
        } catch {
            throw ProblemResponse(status: .serviceUnavailable, code: "store", detail: "\(error)")
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("account", account ?? "firm")
        json.member("currency", currency)
        json.member("resolution_s", resolution.rawValue)
        json.key("points")
        json.beginArray()
        for interval in intervals { json.value(interval) }
        json.endArray()
        // Where to go on when there is more.
        if intervals.count == Self.limit, let last = intervals.last { json.member("next_from", last.last.seconds + 1) }
        json.endObject()
        return .json(json.bytes)
    }

    private static func refusal(_ field: String, _ fact: String) -> ProblemResponse {
        ProblemResponse(
            status: .unprocessableContent, code: "invalid", detail: "\(field): \(fact)", errors: [field: fact])
    }
}

extension JSONWriter {
    /// Absent values have no member.
    fileprivate mutating func value(_ interval: HistoryInterval) {
        let values: [(String, Double?)] = [
            ("total_pnl", interval.last.totalPnL), ("total_pnl_min", interval.totalPnLMin),
            ("total_pnl_max", interval.totalPnLMax), ("day_pnl", interval.last.dayPnL),
            ("var", interval.last.valueAtRisk), ("es", interval.last.expectedShortfall),
            ("gross_exposure", interval.last.grossExposure), ("net_exposure", interval.last.netExposure),
        ]
        self.beginObject()
        self.member("time", interval.last.seconds)
        for (name, value) in values { if let value { self.member(name, value) } }
        self.endObject()
    }
}
