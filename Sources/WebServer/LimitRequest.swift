// SPDX-License-Identifier: Apache-2.0
// The body that sets an account's limits.

import DeskService
import Foundation
import HTTPTypes
import TradeDesk

/// `{"limits":[{"metric":"value_at_risk","soft":200000,"hard":300000},{"metric":"notional","part":"AAPL","soft":1}]}`,
/// all of an account's limits; `action` says what a hard one does while it is over.
package enum LimitRequest {
    package static let limitsMax = 256

    private struct Body: Decodable {
        struct Limit: Decodable {
            let metric: String
            let part: String?
            let soft: Double?
            let hard: Double?
            let action: String?
        }
        let limits: [Limit]
    }

    /// - Parameters:
    ///   - symbols: of the instruments there are.
    ///   - sectors: of these instruments.
    /// - Throws: a ``ProblemResponse`` that names every field that is wrong.
    package static func limits(_ bytes: [UInt8], symbols: [String], sectors: [String]) throws -> [RiskLimit] {
        let body: Body
        do { body = try JSONDecoder().decode(Body.self, from: Data(bytes)) } catch {
            throw ProblemResponse(
                status: .badRequest, code: "malformed",
                detail: #"the body must be like {"limits":[{"metric":"value_at_risk","soft":200000,"hard":300000}]}"#)
        }
        var errors: [String: String] = [:]
        if body.limits.count > Self.limitsMax { errors["limits"] = "at most \(Self.limitsMax)" }
        var limits: [RiskLimit] = []
        for (number, limit) in body.limits.prefix(Self.limitsMax).enumerated() {
            let parts = limit.metric == LimitMetric.sector.rawValue ? sectors : symbols
            let (checked, problems) = Self.check(limit, parts: parts)
            for (field, fact) in problems { errors["limits.\(number).\(field)"] = fact }
            guard let checked else { continue }
            if limits.contains(where: { $0.metric == checked.metric && $0.part == checked.part }) {
                errors["limits.\(number).metric"] = "there already"
            }
            limits.append(checked)
        }
        guard errors.isEmpty else {
            throw ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "\(errors.count) fields are wrong",
                errors: errors)
        }
        return limits
    }

    private static func check(
        _ limit: Body.Limit, parts: [String]
    ) -> (limit: RiskLimit?, problems: [(field: String, fact: String)]) {
        var problems: [(field: String, fact: String)] = []
        let metric = LimitMetric(rawValue: limit.metric).flatMap { RiskLimit.metrics.contains($0) ? $0 : nil }
        if metric == nil {
            problems.append(("metric", "one of \(RiskLimit.metrics.map(\.rawValue).joined(separator: ", "))"))
        }
        if let metric {
            if RiskLimit.needsPart(metric) {
                if !parts.contains(limit.part ?? "") { problems.append(("part", "a known symbol or sector")) }
            } else if limit.part != nil {
                problems.append(("part", "none for this metric"))
            }
        }
        for (field, value) in [("soft", limit.soft), ("hard", limit.hard)] {
            if let value, !(value.isFinite && value > 0 && value <= 1e18) { problems.append((field, "above 0")) }
        }
        switch (limit.soft, limit.hard) {
        case (nil, nil): problems.append(("soft", "soft, hard or both"))
        case (let soft?, let hard?) where soft > hard: problems.append(("soft", "at most hard"))
        default: break
        }
        let action = limit.action.map(LimitAction.init(rawValue:)) ?? LimitAction.none
        if action == nil {
            problems.append(("action", "one of \(LimitAction.allCases.map(\.rawValue).joined(separator: ", "))"))
        } else if action != LimitAction.none, limit.hard == nil {
            problems.append(("action", "of a hard limit only"))
        }
        guard problems.isEmpty, let metric, let action else { return (nil, problems) }
        return (
            RiskLimit(metric: metric, part: limit.part, soft: limit.soft, hard: limit.hard, action: action), []
        )
    }
}
