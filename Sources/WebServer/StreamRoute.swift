// SPDX-License-Identifier: Apache-2.0
// The answer to a request for the stream that did not become one.

import HTTPTypes
import Hummingbird

enum StreamRoute {
    static func add(to router: Router<AppRequestContext>) {
        router.get("/ws") { request, _ -> Response in throw Self.problem(of: request) }
    }

    static func problem(of request: Request) -> ProblemResponse {
        let refusal = HTTPField.Name(UpgradeFilter.refusalHeader).flatMap { request.headers[$0] }
        switch refusal.flatMap(UpgradeRefusal.init) {
        case .badRequest:
            return ProblemResponse(status: .badRequest, code: "bad_request", detail: "not a WebSocket handshake")
        case .unknownSubprotocol:
            return ProblemResponse(
                status: .badRequest, code: UpgradeRefusal.unknownSubprotocol.rawValue,
                detail: "known are tickrisk.v1.zstd, tickrisk.v1.deflate and tickrisk.v1.json")
        case .foreignOrigin:
            return ProblemResponse(
                status: .forbidden, code: UpgradeRefusal.foreignOrigin.rawValue,
                detail: "this origin may not read the stream; streaming.allowed_origins lists those that may")
        case .unsupportedVersion:
            var problem = ProblemResponse(
                status: .upgradeRequired, code: UpgradeRefusal.unsupportedVersion.rawValue,
                detail: "the one version is \(UpgradePolicy.version)")
            problem.headers = [.upgrade: "websocket", .secWebSocketVersion: UpgradePolicy.version]
            return problem
        case nil:
            var problem = ProblemResponse(
                status: .upgradeRequired, code: "upgrade_required", detail: "this path speaks WebSocket")
            problem.headers = [.upgrade: "websocket"]
            return problem
        }
    }
}
