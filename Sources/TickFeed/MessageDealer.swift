// SPDX-License-Identifier: Apache-2.0
// Both ways with one peer, message by message.

import CLibZMQ

/// A DEALER that connects, bounded in messages and bytes. What is not sent when the connection ends, or when this
/// object does, is gone: nothing is delivered late. Made and used by one thread, or handed over once.
public final class MessageDealer {
    let socket: ZMQSocket
    private let inbox: PayloadInbox

    /// Opens and connects, which succeeds before, and without, a peer.
    ///
    /// - Parameters:
    ///   - highWaterMark: most messages queued each way, at least 1.
    ///   - messageBytesMax: largest message taken; a larger one ends the connection.
    ///   - isPinging: whether a peer that vanished is noticed by ZeroMQ's pings; as at the other end.
    public init(
        context: ZMQContext, endpoint: String, highWaterMark: Int = 1_000,
        messageBytesMax: Int = TickWire.messageBytesMax, isPinging: Bool = true, security: SocketSecurity = .none
    ) throws(ZMQError) {
        self.inbox = PayloadInbox(payloadBytesMax: messageBytesMax)
        self.socket = try ZMQSocket(
            context, type: ZMQ_DEALER, endpoint: endpoint, messageBytesMax: messageBytesMax,
            peers: isPinging ? .heartbeats : .keepAlive, security: security)
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: highWaterMark)
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: highWaterMark)
        // Nothing is queued for a peer that is not there.
        try self.socket.set(ZMQ_IMMEDIATE, "ZMQ_IMMEDIATE", to: 1)
        try self.socket.attach(.connect)
    }

    /// Waits for a message, for room to send where that is wanted, or to be woken.
    public func wait(forRoom: Bool, or wakePipe: WakePipe, timeoutMilliseconds: Int) throws(ZMQError) {
        _ = try self.socket.poll(
            for: forRoom ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN, or: wakePipe.readDescriptor,
            timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Takes one message, if there is one, without waiting.
    ///
    /// - Parameter body: as in ``TickSubscriber/receive(_:)``.
    public func receive(_ body: (UnsafeRawBufferPointer) -> Void) throws(ZMQError) -> TickSubscriber.Received {
        try self.inbox.receive(from: self.socket, body)
    }

    /// Sends one message without waiting; false when there is no room or no peer.
    public func send(_ message: [UInt8]) throws(ZMQError) -> Bool {
        try message.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.socket.send(bytes, hasMore: false, blocking: false)
        }
    }
}

@available(*, unavailable)
extension MessageDealer: Sendable {}
