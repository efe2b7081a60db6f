// SPDX-License-Identifier: Apache-2.0
// Has the next node answer, and passes the answer on as it comes.

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Ownership: any task.
final class Forwarder: Sendable {
    /// Requests under way; more are told to come again.
    private static let requestsMax = 1_024

    private let limit: TimeAmount
    private let trusted: Set<String>
    private let group: any EventLoopGroup
    private let underWay = Mutex(0)
    let counters = ForwardCounters()

    /// - Parameters:
    ///   - limitNanoseconds: for each part of an answer.
    ///   - trusted: addresses of proxies before us.
    init(limitNanoseconds: UInt64, trusted: Set<String>, group: any EventLoopGroup) {
        self.limit = .nanoseconds(Int64(clamping: limitNanoseconds))
        self.trusted = trusted
        self.group = group
    }

    /// A place among those under way, given back when nobody needs it.
    private final class Place: Sendable {
        private let forwarder: Forwarder
        init?(_ forwarder: Forwarder) {
            let isFree = forwarder.underWay.withLock { count in
                guard count < Forwarder.requestsMax else { return false }
                count += 1
                return true
            }
            guard isFree else { return nil }
            self.forwarder = forwarder
        }
        deinit { self.forwarder.underWay.withLock { $0 -= 1 } }
    }

    /// The whole of a short answer to a question of ours on behalf of somebody.
    ///
    /// - Throws: ``ProblemResponse`` where the node does not answer.
    func answer(
        to head: HTTPRequest, _ content: [UInt8] = [], from peer: String, at target: ForwardTarget, bytesMax: Int
    ) async throws -> (head: HTTPResponse, body: [UInt8]) {
        try await self.counted { place in
            defer { withExtendedLifetime(place) {} }
            let exchange = try await UpstreamExchange.open(target.address, limit: self.limit, group: self.group)
            exchange.write(.head(self.passedOn(head, from: peer, as: target.identity)))
            if !content.isEmpty { exchange.write(.body(ByteBuffer(bytes: content))) }
            exchange.finish()
            let head = try await Self.finalHead(of: exchange)
            var body: [UInt8] = []
            while let part = try await exchange.next() {
                guard case .body(let buffer) = part else { continue }
                body += buffer.readableBytesView
                if body.count > bytesMax { throw UpstreamFailure.ended }
            }
            return (head, body)
        }
    }

    /// - Throws: ``ProblemResponse`` where the node does not answer.
    func forward(_ request: Request, from peer: String, to target: ForwardTarget) async throws -> Response {
        try await self.counted { place in
            let exchange = try await UpstreamExchange.open(target.address, limit: self.limit, group: self.group)
            try await self.send(request, from: peer, as: target.identity, over: exchange)
            return try await self.answer(of: exchange, isHead: request.method == .head, place)
        }
    }

    private func counted<Answer>(_ ask: (Place) async throws -> Answer) async throws -> Answer {
        guard let place = Place(self) else {
            self.counters.count(.busy)
            throw Self.problem(.serviceUnavailable, "busy", "too many requests are under way; try again")
        }
        do {
            let answer = try await ask(place)
            self.counters.count(.answered)
            return answer
        } catch UpstreamFailure.silent {
            self.counters.count(.silent)
            throw Self.problem(.gatewayTimeout, "upstream_silent", "the node behind this gateway does not answer")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            self.counters.count(.unreachable)
            throw Self.problem(
                .badGateway, "upstream_unreachable", "the node behind this gateway cannot be reached")
        }
    }

    private static func problem(_ status: HTTPResponse.Status, _ code: String, _ detail: String) -> ProblemResponse {
        var problem = ProblemResponse(status: status, code: code, detail: detail)
        problem.headers = [.cacheControl: "no-store", .retryAfter: "2"]
        return problem
    }

    private func send(
        _ request: Request, from peer: String, as identity: HTTPFields?, over exchange: UpstreamExchange
    ) async throws {
        exchange.write(.head(self.passedOn(request.head, from: peer, as: identity)))
        // At most what a request may have.
        for try await buffer in request.body { exchange.write(.body(buffer)) }
        exchange.finish()
    }

    private func passedOn(_ head: HTTPRequest, from peer: String, as identity: HTTPFields?) -> HTTPRequest {
        var head = head
        head.scheme = nil
        head.headerFields = ForwardedFields.request(
            head.headerFields, from: peer, isTrusted: self.trusted.contains(peer), identity: identity)
        return head
    }

    private static func finalHead(of exchange: UpstreamExchange) async throws -> HTTPResponse {
        var part = try await exchange.next()
        // What comes before the final answer is for this connection.
        while case .head(let head) = part, head.status.code < 200 { part = try await exchange.next() }
        guard case .head(let head) = part else { throw UpstreamFailure.ended }
        return head
    }

    private func answer(
        of exchange: UpstreamExchange, isHead: Bool, _ place: Place
    ) async throws -> Response {
        let head = try await Self.finalHead(of: exchange)
        let headers = ForwardedFields.passedOn(head.headerFields)
        let hasBody = !isHead && head.status.code != 204 && head.status.code != 304
        guard hasBody else { return Self.withoutBody(head.status, headers) }
        let body = ResponseBody(contentLength: headers[.contentLength].flatMap { Int($0) }) { writer in
            // Held until the last of it is out.
            defer { withExtendedLifetime(place) {} }
            while let part = try await exchange.next() {
                if case .body(let buffer) = part { try await writer.write(buffer) }
            }
            try await writer.finish(nil)
        }
        return Response(status: head.status, headers: headers, body: body)
    }

    /// Its length is that of what is not sent.
    private static func withoutBody(_ status: HTTPResponse.Status, _ headers: HTTPFields) -> Response {
        Response(
            status: status, headers: headers,
            body: headers.contains(.contentLength)
                ? ResponseBody() : ResponseBody { writer in try await writer.finish(nil) })
    }
}

/// What became of requests passed on.
final class ForwardCounters: Sendable {
    enum Outcome: String, CaseIterable {
        case answered, unreachable, silent, busy
    }

    private let counts = Mutex<[Outcome: UInt64]>([:])

    func count(_ outcome: Outcome) { self.counts.withLock { $0[outcome, default: 0] += 1 } }

    var samples: [(outcome: Outcome, count: UInt64)] {
        self.counts.withLock { counts in Outcome.allCases.map { ($0, counts[$0, default: 0]) } }
    }
}
