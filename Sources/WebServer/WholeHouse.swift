// SPDX-License-Identifier: Apache-2.0
// What is about all accounts at a gateway of a fleet: asked of every unit at once, and answered as one.

import DeskService
import FramePublisher
import HTTPTypes
import Hummingbird
import NIOCore
import RiskDomain

struct WholeHouse: Sendable {
    private static let answerBytesMax = 8 << 20

    let fleet: FleetHub
    let forwarder: Forwarder
    let route: FleetRoute

    /// `nil` for what one unit answers, and for people whom the house does not know.
    func response(to request: Request, from peer: String) async throws -> Response? {
        let resource = FleetPath(request.uri.path).resource
        let isSwitch = resource == "kill-switch" && (request.method == .get || request.method == .put)
        guard isSwitch || resource == "firm/limit-use" && request.method == .get, let hub = self.fleet.hub,
            let identity = await self.route.identity(request.shownCredential)
        else { return nil }
        var head = request.head
        if isSwitch { head.path = KillSwitchRoutes.partPath }
        let content = request.method == .put ? try await request.bytes() : []
        let answers = await self.answers(to: head, content, of: identity, from: peer)
        let said =
            switch (isSwitch, request.method) {
            case (true, .put): try answers.outcome()
            case (true, _): try answers.standing()
            default:
                try answers.limitUse(of: hub.catalog.accounts.map(\.id)) { self.fleet.partition(ofAccount: $0) }
            }
        return Response(
            status: said.head.status, headers: ForwardedFields.passedOn(said.head.headerFields),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: said.content)))
    }

    private func answers(
        to head: HTTPRequest, _ content: [UInt8], of identity: Identity, from peer: String
    ) async -> FleetAnswers {
        await withTaskGroup(of: (Int, FleetAnswers.Answer).self) { group in
            for partition in self.fleet.partitions {
                group.addTask {
                    do {
                        let target = try self.route.target(ofPartition: partition, for: identity)
                        let answer = try await self.forwarder.answer(
                            to: head, content, from: peer, at: target, bytesMax: Self.answerBytesMax)
                        return (partition, .said(answer.head, answer.body))
                    } catch let problem as ProblemResponse {
                        return (partition, .failed(problem.detail))
                    } catch { return (partition, .failed("\(error)")) }
                }
            }
            return FleetAnswers(await group.reduce(into: [:]) { $0[$1.0] = $1.1 })
        }
    }
}
