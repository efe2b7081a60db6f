// SPDX-License-Identifier: Apache-2.0
// Decides on an upgrade before NIO's typed upgrade handler sees the request.

import NIOCore
import NIOHTTP1

/// NIO's upgrade handler loses the head of a request whose upgrade is refused (apple/swift-nio#2632; `Upgrade: h2c`
/// alone is enough), so a request that will not upgrade loses its `Upgrade` header here. NIO's decoder also stops
/// parsing after any upgrade request, so such a connection is closed after its response. Only the first request of a
/// connection can upgrade (apple/swift-nio#680).
///
/// Ownership: its channel's event loop.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Carries an ``UpgradeRefusal`` to the route; never taken from a client.
    static let refusalHeader = "x-tickrisk-upgrade-refused"

    private let policy: UpgradePolicy
    private let requestGuard: RequestGuard
    private let isKnown: (HTTPRequestHead) -> Bool
    private var isFirst = true
    private var isQuiescing = false

    /// - Parameter isKnown: whether a request shows who asks.
    init(policy: UpgradePolicy, requestGuard: RequestGuard, isKnown: @escaping (HTTPRequestHead) -> Bool) {
        self.policy = policy
        self.requestGuard = requestGuard
        self.isKnown = isKnown
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { self.isQuiescing = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        head.headers.remove(name: Self.refusalHeader)
        if self.isQuiescing { head.headers.replaceOrAdd(name: "connection", value: "close") }
        var isUpgrading = false
        if head.headers.contains(name: "upgrade") {
            switch self.policy.decide(head) {
            // As plain HTTP it is told to sign in first.
            case .accept where !self.isKnown(head): self.strip(&head, refusal: nil)
            case .accept where self.isFirst && !self.isQuiescing: isUpgrading = true
            case .accept: self.strip(&head, refusal: .badRequest)
            case .ignore: self.strip(&head, refusal: nil)
            case .refuse(let refusal): self.strip(&head, refusal: refusal)
            }
        }
        self.isFirst = false
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
        // Gone before NIO removes its decoder: bytes left over there are not HTTP parts and would trap in these two.
        if isUpgrading {
            context.pipeline.syncOperations.removeHandler(self.requestGuard, promise: nil)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    private func strip(_ head: inout HTTPRequestHead, refusal: UpgradeRefusal?) {
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        if let refusal { head.headers.add(name: Self.refusalHeader, value: refusal.rawValue) }
    }
}
