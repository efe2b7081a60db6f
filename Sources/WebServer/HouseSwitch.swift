// SPDX-License-Identifier: Apache-2.0
// The kill switch of the whole house at a gateway of a fleet: every unit has its part of it, and all are asked at once.

import DeskService
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain

struct HouseSwitch: Sendable {
    private static let path = "/api/v1/kill-switch"
    private static let answerBytesMax = 1 << 16

    let fleet: FleetHub
    let forwarder: Forwarder
    let route: FleetRoute

    /// `nil` for what the house answers: other requests, and people it does not know.
    func response(to request: Request, from peer: String) async throws -> Response? {
        guard FleetPath(request.uri.path).isHouseSwitch, request.method == .get || request.method == .put,
            let identity = await self.route.identity(request.shownCredential)
        else { return nil }
        var head = request.head
        head.path = "\(Self.path)?\(KillSwitchRoutes.partScope.name)=\(KillSwitchRoutes.partScope.value)"
        let body = request.method == .put ? try await request.bytes() : []
        let parts = try await self.parts(head, body, of: identity, from: peer)
        let (answer, content) = try request.method == .get ? parts.standing() : parts.outcome()
        return Response(
            status: answer.status, headers: ForwardedFields.passedOn(answer.headerFields),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: content)))
    }

    private func parts(
        _ head: HTTPRequest, _ body: [UInt8], of identity: Identity, from peer: String
    ) async throws -> HouseSwitchParts {
        await withTaskGroup(of: (Int, HouseSwitchParts.Answer).self) { group in
            for partition in self.fleet.partitions {
                group.addTask {
                    do {
                        let target = try self.route.target(ofPartition: partition, for: identity)
                        let answer = try await self.forwarder.answer(
                            to: head, body, from: peer, at: target, bytesMax: Self.answerBytesMax)
                        return (partition, .said(answer.head, answer.body))
                    } catch let problem as ProblemResponse {
                        return (partition, .failed(problem.detail))
                    } catch { return (partition, .failed("\(error)")) }
                }
            }
            return HouseSwitchParts(answers: await group.reduce(into: [:]) { $0[$1.0] = $1.1 })
        }
    }
}

/// What the units say of their parts, and what follows for the whole. Pure.
package struct HouseSwitchParts {
    package typealias Said = (head: HTTPResponse, content: [UInt8])

    package enum Answer: Sendable {
        case said(HTTPResponse, [UInt8])
        /// Nobody knows whether it has heard.
        case failed(String)
    }

    private struct Standing: Decodable {
        let state: AccountStanding
    }

    private let answers: [(partition: Int, answer: Answer)]

    /// - Parameter answers: by partition; the house is the first.
    package init(answers: [Int: Answer]) {
        self.answers = answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var said: [Said] {
        self.answers.compactMap { if case .said(let head, let content) = $0.answer { (head, content) } else { nil } }
    }

    private var done: [Said] { self.said.filter { $0.head.status == .ok } }

    /// Units judge alike: what one does not allow or understand, none does.
    private var refusal: Said? { self.said.first { (400..<500).contains($0.head.status.code) } }

    /// Of what was asked for: done by all, refused by all, or else by whom not.
    package func outcome() throws(ProblemResponse) -> Said {
        let done = self.done
        if done.count == self.answers.count, let house = done.first { return house }
        if done.isEmpty, let refusal = self.refusal { return refusal }
        let missing = self.answers.compactMap { (partition, answer) -> String? in
            switch answer {
            case .failed(let reason): "\(partition) (\(reason))"
            case .said(let head, _): head.status == .ok ? nil : "\(partition) (\(head.status))"
            }
        }
        var problem = ProblemResponse(
            status: .serviceUnavailable, code: "in_part",
            detail: "set for \(done.count) of \(self.answers.count) partitions, not for "
                + "\(missing.joined(separator: ", ")); send it again")
        problem.headers = [.cacheControl: "no-store", .retryAfter: "2"]
        throw problem
    }

    /// How the whole stands: no stricter than any part that answers.
    package func standing() throws(ProblemResponse) -> Said {
        let parts = self.done.compactMap { said in
            (try? JSONDecoder().decode(Standing.self, from: Data(said.content))).map { (state: $0.state, said: said) }
        }
        if let mildest = parts.min(by: { $0.state < $1.state }) { return mildest.said }
        if let refusal = self.refusal { return refusal }
        throw GatewayMiddleware.notReady("no unit says how its kill switch stands")
    }
}
