// SPDX-License-Identifier: Apache-2.0
// Executes what `WebSocketProtocol` decides on a connection: the socket's side of every WebSocket we serve.

import NIOCore
import NIOWebSocket

/// Tells the handlers behind a ``WebSocketConnection`` that the conversation is over: nothing may be written any more.
package struct WebSocketEnded: Sendable {
    /// Of the Close that ended it, ours or theirs; 1005 for one without.
    package let code: WebSocketErrorCode
}

/// First handler of the pipeline of an upgraded connection: bytes in, whole messages out; answers pings and Closes.
///
/// What a client asks is answered only while it reads: with answers waiting, reading stops, and what was read already
/// is kept for later.
///
/// Ownership: its channel's event loop.
package final class WebSocketConnection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = WebSocketMessage
    package typealias OutboundOut = ByteBuffer

    /// How long a client may take to answer our Close, or to close after its own.
    private static let closeTimeout = TimeAmount.seconds(2)
    private static let noStatus = WebSocketErrorCode(codeNumber: 1005)

    private var machine: WebSocketProtocol
    private var liveness = PeerLiveness()
    /// Read, but not looked at while answers wait.
    private var unread = ByteBuffer()
    private var isWorking = false
    /// Of all frames written so far.
    package private(set) var writtenBytes = 0
    private var context: ChannelHandlerContext?

    private let flushes: FlushRound
    private var isFlushDue = false

    /// - Parameter flushes: of the channel's event loop.
    package init(limits: WebSocketLimits, flushes: FlushRound) {
        self.machine = WebSocketProtocol(limits: limits)
        self.flushes = flushes
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: To the client

    /// Writes finished frames; none once the conversation is over.
    package func write(_ frame: ByteBuffer) {
        guard let context, self.machine.isOpen else { return }
        self.writtenBytes += frame.readableBytes
        context.write(self.wrapOutboundOut(frame), promise: nil)
    }

    /// Flushes what was written at the end of the loop's turn.
    package func flush() {
        guard self.context != nil, !self.isFlushDue else { return }
        self.isFlushDue = true
        self.flushes.add(self)
    }

    func flushNow() {
        self.isFlushDue = false
        self.context?.flush()
    }

    /// Says why, and closes the connection when the client answers, or soon.
    ///
    /// - Parameter reason: for programs and people; at most 123 bytes.
    package func close(_ code: WebSocketErrorCode, reason: String = "") {
        guard let context, self.machine.close() else { return }
        self.sayClose(code, reason: reason, context: context)
        // Its answer has to be read.
        self.setReading(true, context: context)
    }

    /// Runs the clocks: frames that take too long, and clients that do not answer pings.
    package func clockTicked(nowNanoseconds: UInt64) {
        guard let context, self.machine.isOpen, context.channel.isWritable else { return }
        if let action = self.machine.tick(nowNanoseconds: nowNanoseconds) { return self.execute(action, context) }
        switch self.liveness.tick(nowNanoseconds: nowNanoseconds) {
        case .nothing: break
        case .ping: context.writeAndFlush(self.wrapOutboundOut(ServerFrame.message(.ping, [])), promise: nil)
        case .dead: context.channel.close(promise: nil)
        }
    }

    // MARK: From the client

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        self.liveness.heard()
        if self.unread.readableBytes == 0 { self.unread = bytes } else { self.unread.writeBuffer(&bytes) }
        self.work(context)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !self.isWorking {
            self.machine.resume(nowNanoseconds: NIODeadline.now().uptimeNanoseconds)
            self.setReading(true, context: context)
            self.work(context)
        }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.channel.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.channel.close(promise: nil) }

    private func work(_ context: ChannelHandlerContext) {
        guard !self.isWorking else { return }
        self.isWorking = true
        repeat {
            while self.mayWork(context),
                let action = self.machine.next(
                    from: &self.unread, nowNanoseconds: NIODeadline.now().uptimeNanoseconds)
            { self.execute(action, context) }
            context.flush()
        } while self.mayWork(context) && self.unread.readableBytes > 0
        self.isWorking = false
        if self.unread.readableBytes == 0 { self.unread = ByteBuffer() }
        if !self.mayWork(context) { self.setReading(false, context: context) }
    }

    /// After a Close nothing is answered, so nothing can pile up.
    private func mayWork(_ context: ChannelHandlerContext) -> Bool {
        context.channel.isWritable || !self.machine.isOpen
    }

    private func execute(_ action: WebSocketProtocol.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .deliver(let message): context.fireChannelRead(self.wrapInboundOut(message))
        case .pong(let payload): context.write(self.wrapOutboundOut(ServerFrame.message(.pong, payload)), promise: nil)
        case .close(let code):
            self.sayClose(code, context: context)
            context.close(mode: .output, promise: nil)
        case .end: context.close(mode: .output, promise: nil)
        }
    }

    /// The client closes once it has read our Close. Closing first, with bytes of its own unread, would reset the
    /// connection and could take the Close from it.
    private func sayClose(_ code: WebSocketErrorCode?, reason: String = "", context: ChannelHandlerContext) {
        let payload = code.map { code in
            let number = UInt16(webSocketErrorCode: code)
            return [UInt8(number >> 8), UInt8(number & 0xFF)] + reason.utf8
        }
        context.writeAndFlush(self.wrapOutboundOut(ServerFrame.message(.connectionClose, payload ?? [])), promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.closeTimeout) { channel.close(promise: nil) }
        context.fireUserInboundEventTriggered(WebSocketEnded(code: code ?? Self.noStatus))
    }

    private func setReading(_ isReading: Bool, context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
