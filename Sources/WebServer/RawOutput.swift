// SPDX-License-Identifier: Apache-2.0
// Writes finished frames straight to the socket, past the WebSocket encoder.

import NIOCore

/// First handler of the pipeline of an upgraded connection.
///
/// Ownership: its channel's event loop.
final class RawOutput: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    /// Of all frames so far.
    private(set) var writtenBytes = 0

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func write(_ frame: ByteBuffer) {
        guard let context else { return }
        self.writtenBytes += frame.readableBytes
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    func flush() { self.context?.flush() }
}
