// SPDX-License-Identifier: Apache-2.0
// What the order desk refuses, as problem documents.

import DeskService
import HTTPTypes
import Hummingbird
import RiskDomain
import RiskStore
import TradeDesk

enum DeskProblem {
    /// Runs a question to the desk; a refusal becomes the answer that says so.
    static func translating(
        _ question: () async throws(DeskRefusal) -> Response
    ) async throws(ProblemResponse) -> Response {
        do throws(DeskRefusal) { return try await question() } catch { throw self.problem(of: error) }
    }

    static func problem(of refusal: DeskRefusal) -> ProblemResponse {
        switch refusal {
        case .invalid(let errors):
            return ProblemResponse(
                status: .unprocessableContent, code: "invalid", detail: "the order cannot be taken as it is",
                errors: Dictionary(errors.map { ($0.field, $0.detail) }, uniquingKeysWith: { first, _ in first }))
        case .denied(let denials):
            return ProblemResponse(
                status: .unprocessableContent, code: denials.first?.code.rawValue ?? "denied",
                detail: denials.map(self.text).joined(separator: "; "), denials: denials)
        case .rateLimited(let numbers, let seconds):
            var fields = numbers.fields
            fields[.retryAfter] = "\(seconds)"
            return ProblemResponse(
                status: .tooManyRequests, code: "order_rate",
                detail: "\(numbers.limit) orders in \(numbers.windowSeconds) s are taken; try again in \(seconds) s",
                headers: fields)
        case .conflict(let order):
            return self.conflict("client_order_id_taken", "another order has that client_order_id: \(order.id)")
        case .notOpen(let order):
            return self.conflict("not_open", "the order is \(order.status.rawValue)")
        case .notReplaceable(let order):
            return self.conflict("not_replaceable", "an order that is \(order.status.rawValue) cannot be replaced")
        case .noPosition: return self.conflict("no_position", "there is nothing to close")
        case .refused(let reason): return self.conflict("refused", reason)
        case .unknownOrder: return .notFound("no such order")
        case .unknownAccount: return .notFound("no such account")
        case .unknownSymbol: return .notFound("no such instrument")
        case .unknownFill: return .notFound("no such fill")
        case .storeFailed(let error):
            return ProblemResponse(
                status: .serviceUnavailable, code: "store", detail: "nothing was done: \(error)",
                headers: [.retryAfter: "1"])
        case .stopping:
            return ProblemResponse(status: .serviceUnavailable, code: "stopping", detail: "the daemon is stopping")
        }
    }

    private static func conflict(_ code: String, _ detail: String) -> ProblemResponse {
        ProblemResponse(status: .conflict, code: code, detail: detail)
    }

    /// For people: the code in words, with its numbers.
    private static func text(of denial: GateDenial) -> String {
        var text = denial.code.rawValue.replacing("_", with: " ")
        if let actual = denial.actual { text += " \(actual.formatted)" }
        if let limit = denial.limit { text += ", the limit is \(limit.formatted)" }
        return text
    }
}

extension Double {
    /// Whole numbers without `.0`.
    fileprivate var formatted: String {
        let text = String(describing: self)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
