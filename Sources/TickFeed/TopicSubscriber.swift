// SPDX-License-Identifier: Apache-2.0
// The topics of one publisher, chosen while we listen.

import CLibZMQ
import Glibc

/// A SUB that connects, bounded in messages and bytes. Made and used by one thread, or handed over once.
public final class TopicSubscriber {
    private let socket: ZMQSocket
    private let inbox: PayloadInbox

    /// Opens and connects, which succeeds before, and without, a publisher.
    ///
    /// - Parameters:
    ///   - highWaterMark: most messages queued, at least 1; what does not fit is dropped.
    ///   - messageBytesMax: largest message taken; a larger one ends the connection.
    public init(
        context: ZMQContext, endpoint: String, highWaterMark: Int, messageBytesMax: Int,
        security: SocketSecurity = .none
    ) throws(ZMQError) {
        self.inbox = PayloadInbox(payloadBytesMax: messageBytesMax)
        self.socket = try ZMQSocket(
            context, type: ZMQ_SUB, endpoint: endpoint, messageBytesMax: messageBytesMax, peers: .keepAlive,
            security: security)
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: highWaterMark)
        try self.socket.attach(.connect)
    }

    /// From now on messages whose topic begins with `topic` come; as often as it is said it has to be taken back.
    public func subscribe(_ topic: [UInt8]) throws(ZMQError) {
        try self.socket.check(
            "ZMQ_SUBSCRIBE", zmq_setsockopt(self.socket.handle, ZMQ_SUBSCRIBE, topic, topic.count))
    }

    public func unsubscribe(_ topic: [UInt8]) throws(ZMQError) {
        try self.socket.check(
            "ZMQ_UNSUBSCRIBE", zmq_setsockopt(self.socket.handle, ZMQ_UNSUBSCRIBE, topic, topic.count))
    }

    /// Waits for a message, for one of `dealer`, or to be woken.
    public func wait(orFor dealer: MessageDealer, or wakePipe: WakePipe, timeoutMilliseconds: Int) throws(ZMQError) {
        _ = try self.socket.poll(
            for: ZMQ_POLLIN, orInputOf: dealer.socket, or: wakePipe.readDescriptor,
            timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Waits for a message of any of several, or to be woken; through a signal it ends early.
    public static func wait(
        for subscribers: [TopicSubscriber], or wakePipe: WakePipe, timeoutMilliseconds: Int
    ) throws(ZMQError) {
        var items = subscribers.map {
            zmq_pollitem_t(socket: $0.socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
        }
        items.append(zmq_pollitem_t(socket: nil, fd: wakePipe.readDescriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        let ready = zmq_poll(&items, CInt(items.count), timeoutMilliseconds)
        guard ready >= 0 || zmq_errno() == EINTR else { throw ZMQError("zmq_poll", endpoint: "") }
    }

    /// Takes one message, if there is one, without waiting.
    ///
    /// - Parameter body: as in ``TickSubscriber/receive(_:)``.
    public func receive(_ body: (UnsafeRawBufferPointer) -> Void) throws(ZMQError) -> TickSubscriber.Received {
        try self.inbox.receive(from: self.socket, body)
    }
}

@available(*, unavailable)
extension TopicSubscriber: Sendable {}
