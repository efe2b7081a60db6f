// SPDX-License-Identifier: Apache-2.0
// Bounds the time a connection may take to its first request: NIO's upgrade handler neither times out nor quiesces.

import NIOCore
import NIOHTTP1

/// Ownership: its channel's event loop.
final class FirstRequestGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private static let timeout = TimeAmount.seconds(10)
    /// A client whose first request is under way when the server stops is not reset.
    private static let quiescingGrace = TimeAmount.milliseconds(500)

    private var deadline: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) { self.closeAfter(Self.timeout, context: context) }
    func handlerRemoved(context: ChannelHandlerContext) { self.deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        self.deadline?.cancel()
        self.closeAfter(Self.quiescingGrace, context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.fireErrorCaught(error) }
        // Hummingbird's handlers are not there yet; NIO's encoder is.
        let head = HTTPResponseHead(
            version: .http1_1, status: .badRequest, headers: ["connection": "close", "content-length": "0"])
        let pipeline = context.pipeline.syncOperations
        pipeline.writeAndFlush(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        pipeline.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func closeAfter(_ delay: TimeAmount, context: ChannelHandlerContext) {
        let channel = context.channel
        self.deadline = context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}
