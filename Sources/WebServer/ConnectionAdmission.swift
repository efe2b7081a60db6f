// SPDX-License-Identifier: Apache-2.0
// Takes a connection in or turns it away, as soon as it is there.

import NIOCore

/// First handler of a new connection; gone once it is taken in.
///
/// Ownership: its channel's event loop.
final class ConnectionAdmission: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let answer = ByteBuffer(
        string: "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 5\r\n\r\n")

    private let edge: ServerEdge

    init(edge: ServerEdge) { self.edge = edge }

    func channelActive(context: ChannelHandlerContext) {
        let edge = self.edge
        let origin = ConnectionOrigin(context.remoteAddress)
        guard edge.enter(origin) else {
            // At once: a place in a full house is not kept open for a farewell.
            context.writeAndFlush(self.wrapOutboundOut(Self.answer), promise: nil)
            return context.close(promise: nil)
        }
        context.channel.closeFuture.whenComplete { _ in edge.leave(origin) }
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Nothing of a connection that was turned away.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
