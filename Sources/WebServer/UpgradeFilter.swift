// SPDX-License-Identifier: Apache-2.0
// Decides on an upgrade before NIO's typed upgrade handler sees the request.

import DeskService
import NIOCore
import NIOHTTP1

/// NIO's upgrade handler loses the head of a request whose upgrade is refused (apple/swift-nio#2632; `Upgrade: h2c`
/// alone is enough), so a request that will not upgrade loses its `Upgrade` header here. NIO's decoder also stops
/// parsing after any upgrade request, so such a connection is closed after its response. Only the first request of a
/// connection can upgrade (apple/swift-nio#680).
///
/// Where somebody else knows who asks, the request waits here for the answer.
///
/// Ownership: its channel's event loop.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Carries an ``UpgradeRefusal`` to the route; never taken from a client.
    static let refusalHeader = "x-tickrisk-upgrade-refused"

    private enum Stage {
        case looking
        /// The head is with whoever knows; what follows it, in order.
        case waiting([NIOAny])
        /// Nothing is looked at any more.
        case passing
    }

    private let policy: UpgradePolicy
    private let requestGuard: RequestGuard
    private let door: StreamDoor
    private var stage = Stage.looking
    private var isFirst = true
    private var isQuiescing = false
    private var context: ChannelHandlerContext?

    init(policy: UpgradePolicy, requestGuard: RequestGuard, door: StreamDoor) {
        self.policy = policy
        self.requestGuard = requestGuard
        self.door = door
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { self.isQuiescing = true }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.stage {
        case .passing: return context.fireChannelRead(data)
        case .waiting(let parts):
            self.stage = .waiting(parts + [data])
            return
        case .looking: break
        }
        guard case .head(var head) = self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        head.headers.remove(name: Self.refusalHeader)
        if self.isQuiescing { head.headers.replaceOrAdd(name: "connection", value: "close") }
        // Where nothing can be streamed it does not matter who asks, and who knows may be away too.
        if self.door.access.asksElsewhere, self.door.hub() != nil, case .accept = self.policy.decide(head) {
            return self.wait(with: head, context)
        }
        self.pass(head, context)
    }

    private func pass(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let (head, isUpgrading) = self.decided(head)
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
        // Gone before NIO removes its decoder: bytes left over there are not HTTP parts and would trap in these two.
        if isUpgrading {
            context.pipeline.syncOperations.removeHandler(self.requestGuard, promise: nil)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    private func decided(_ head: HTTPRequestHead) -> (head: HTTPRequestHead, isUpgrading: Bool) {
        var head = head
        var isUpgrading = false
        if head.headers.contains(name: "upgrade") {
            switch self.policy.decide(head) {
            // As plain HTTP it is told to sign in first, or to come later.
            case .accept where !self.isWelcome(head): self.strip(&head, refusal: nil)
            case .accept where self.isFirst && !self.isQuiescing: isUpgrading = true
            case .accept: self.strip(&head, refusal: .badRequest)
            case .ignore: self.strip(&head, refusal: nil)
            case .refuse(let refusal): self.strip(&head, refusal: refusal)
            }
        }
        self.isFirst = false
        return (head, isUpgrading)
    }

    private func isWelcome(_ head: HTTPRequestHead) -> Bool {
        self.door.access.identity(head.shownCredential) != nil && self.door.hub() != nil
    }

    private func strip(_ head: inout HTTPRequestHead, refusal: UpgradeRefusal?) {
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        if let refusal { head.headers.add(name: Self.refusalHeader, value: refusal.rawValue) }
    }

    // MARK: Asking elsewhere

    private func wait(with head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.stage = .waiting([])
        let access = self.door.access
        let shown = head.shownCredential
        context.eventLoop.makeFutureWithTask { await access.learn(shown) }.assumeIsolated().whenComplete { _ in
            self.answered(head)
        }
    }

    /// The request goes on, with what came after it.
    private func answered(_ head: HTTPRequestHead) {
        guard let context, case .waiting(let parts) = self.stage else { return }
        let (head, isUpgrading) = self.decided(head)
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
        if isUpgrading {
            // What NIO's decoder has left over comes through here at once.
            self.stage = .passing
            context.pipeline.syncOperations.removeHandler(self.requestGuard, promise: nil)
        } else {
            self.stage = .looking
        }
        for part in parts { context.fireChannelRead(part) }
        context.fireChannelReadComplete()
        if isUpgrading { context.pipeline.syncOperations.removeHandler(self, promise: nil) }
    }
}
