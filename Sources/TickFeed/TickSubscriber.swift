// SPDX-License-Identifier: Apache-2.0
// The receiving end of a feed.

import CLibZMQ

/// How a feed is received; the raw values are the configuration's words.
public enum SubscriberPattern: String, Sendable, CaseIterable {
    /// From a publisher, by topic; what does not fit is dropped.
    case sub
    /// From a pusher, which is held back when we are slow.
    case pull
}

/// A SUB or PULL socket, bounded in messages and bytes, that reconnects by itself.
///
/// libzmq enforces ``TickWire/messageBytesMax`` by dropping the connection of the peer that sends more (within one
/// process it does not, and the message is refused here). Made and used by one thread, or handed over once.
public final class TickSubscriber {
    /// How ``wait(timeoutMilliseconds:)`` ended.
    public enum WaitOutcome: Sendable {
        /// There is a message.
        case ready
        case timedOut
        /// The stop descriptor is readable; it wins over a message.
        case interrupted
    }

    /// What ``receive(_:)`` found.
    public enum Received: Sendable, Equatable {
        /// No message is waiting.
        case nothing
        /// One message, given to the closure.
        case message
        /// One message, taken off the socket and not given to the closure: it has no payload, is too large, or has
        /// more than two frames.
        case rejected(RejectReason)
    }

    private let socket: ZMQSocket
    private let inbox = PayloadInbox()
    private let stopDescriptor: CInt

    /// Opens and attaches the socket. Connecting succeeds before, and without, a peer.
    ///
    /// - Parameters:
    ///   - endpoint: as libzmq writes them: `tcp://127.0.0.1:5556`, `ipc:///run/feed`, `inproc://name`; to bind,
    ///     `tcp://127.0.0.1:*` lets the system choose a port, which ``lastEndpoint()`` tells.
    ///   - topic: prefix of the first frame to subscribe to, empty for everything; of no meaning to
    ///     ``SubscriberPattern/pull``.
    ///   - receiveHighWaterMark: most messages queued in memory, at least 1.
    ///   - security: who may be at the other end.
    ///   - stopDescriptor: becomes readable to end a wait (an eventfd, say); it stays the caller's and is not read.
    public init(
        context: ZMQContext, endpoint: String, attachment: SocketAttachment = .connect,
        pattern: SubscriberPattern = .sub, topic: String = "", receiveHighWaterMark: Int = 1_000,
        security: SocketSecurity = .none, stopDescriptor: CInt? = nil
    ) throws(ZMQError) {
        self.socket = try ZMQSocket(
            context, type: pattern == .sub ? ZMQ_SUB : ZMQ_PULL, endpoint: endpoint, security: security)
        self.stopDescriptor = stopDescriptor ?? -1
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: receiveHighWaterMark)
        if pattern == .sub {
            try self.socket.check(
                "ZMQ_SUBSCRIBE", zmq_setsockopt(self.socket.handle, ZMQ_SUBSCRIBE, topic, topic.utf8.count))
        }
        try self.socket.attach(attachment)
    }

    /// The endpoint with what libzmq filled in, such as the port.
    public func lastEndpoint() throws(ZMQError) -> String { try self.socket.lastEndpoint() }

    /// Waits for a message.
    ///
    /// - Parameters:
    ///   - dealer: a message of its snapshot ends the wait too.
    ///   - timeoutMilliseconds: 0 looks without waiting, a negative one waits for ever.
    public func wait(
        orFor dealer: SnapshotDealer? = nil, timeoutMilliseconds: Int
    ) throws(ZMQError) -> WaitOutcome {
        let ready = try self.socket.poll(
            for: ZMQ_POLLIN, orInputOf: dealer?.socket, or: self.stopDescriptor,
            timeoutMilliseconds: timeoutMilliseconds)
        if ready.descriptor { return .interrupted }
        return ready.socket || ready.other ? .ready : .timedOut
    }

    /// Takes one message off the socket, if there is one, without waiting.
    ///
    /// - Parameter body: gets the payload, at least one byte, valid only during the call.
    public func receive(_ body: (UnsafeRawBufferPointer) -> Void) throws(ZMQError) -> Received {
        try self.inbox.receive(from: self.socket, body)
    }
}

@available(*, unavailable)
extension TickSubscriber: Sendable {}
