// SPDX-License-Identifier: Apache-2.0
// The port of a node that has nothing to show but how it does.

import DeskService
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import ServiceLifecycle

/// `/healthz`, `/readyz` and `/metrics`, and nothing else.
public enum OperationsServer {
    /// A service that serves the port.
    ///
    /// - Parameter onListening: told the address once connections are accepted.
    public static func make(
        listener: PortListener, edge: ServerEdge, group: any EventLoopGroup,
        readiness: @escaping @Sendable () -> Readiness, metrics: @escaping @Sendable () -> [MetricFamily],
        logger: Logger, onListening: @escaping @Sendable (SocketAddress) async -> Void
    ) -> some Service {
        let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        OperationsRoutes(readiness: readiness, metrics: metrics).add(to: router)
        let responder = PortResponder(routes: router.buildResponder(), logger: logger)
        return PortServer(
            listener: listener,
            child: OnePortChannel(
                responder: { try await responder.respond(to: $0, writer: $1, channel: $2) },
                door: StreamDoor(allowedOrigins: [], access: NobodyKnown()) { nil }, edge: edge),
            edge: edge, group: group, logger: logger, onListening: onListening)
    }
}

/// There is no stream that somebody could open.
private final class NobodyKnown: StreamAccess {
    let isRequired = true
    let asksElsewhere = false

    func learn(session: String?, bearer: String?) async {}
    func identity(session text: String) -> Identity? { nil }
    func identity(bearer text: String) -> Identity? { nil }
    func current(_ identity: Identity) -> Identity? { nil }
    func streamOpened(_ identity: Identity, rightsChanged: @escaping @Sendable () -> Void) -> UInt64 { 0 }
    func streamClosed(_ number: UInt64) {}
}
