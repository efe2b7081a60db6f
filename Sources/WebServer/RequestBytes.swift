// SPDX-License-Identifier: Apache-2.0
// Notes what NIO's decoder keeps to itself: that a request has begun, and whether its first line has ended.

import NIOCore

/// Before the HTTP decoder of a pipeline.
///
/// Ownership: its channel's event loop.
final class RequestBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Since ``forget()``.
    private(set) var haveCome = false
    /// Since ``forget()``.
    private(set) var containLineFeed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.haveCome = true
        if !self.containLineFeed { self.containLineFeed = bytes.readableBytesView.contains(UInt8(ascii: "\n")) }
        context.fireChannelRead(data)
    }

    /// What came so far was a whole header or body.
    func forget() {
        self.haveCome = false
        self.containLineFeed = false
    }
}
