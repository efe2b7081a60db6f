// SPDX-License-Identifier: Apache-2.0
// One message to all who asked for its topic, and who asks for what.

import CLibZMQ

/// An XPUB that binds, bounded in messages. It never waits: a subscriber whose queue is full misses the message. Made
/// and used by one thread, or handed over once.
public final class TopicPublisher {
    /// A topic is a prefix of those subscribed to. Each is told when its first subscriber comes and when its last goes.
    public enum Interest: Sendable, Equatable {
        case began([UInt8])
        case ended([UInt8])
    }

    private let socket: ZMQSocket
    private let frame = ZMQMessage()

    /// Opens and binds.
    ///
    /// - Parameter highWaterMark: most messages queued for each subscriber, at least 1.
    public init(
        context: ZMQContext, endpoint: String, highWaterMark: Int, security: SocketSecurity = .none
    ) throws(ZMQError) {
        self.socket = try ZMQSocket(context, type: ZMQ_XPUB, endpoint: endpoint, peers: .keepAlive, security: security)
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: highWaterMark)
        try self.socket.attach(.bind)
    }

    /// The endpoint with what libzmq filled in, such as the port.
    public func lastEndpoint() throws(ZMQError) -> String { try self.socket.lastEndpoint() }

    /// Waits until somebody says what it wants or asks something, or until woken.
    public func wait(orFor router: QuestionRouter, or wakePipe: WakePipe, timeoutMilliseconds: Int) throws(ZMQError) {
        _ = try self.socket.poll(
            for: ZMQ_POLLIN, orInputOf: router.socket, or: wakePipe.readDescriptor,
            timeoutMilliseconds: timeoutMilliseconds)
    }

    /// What somebody began or ended to want, if there is news, without waiting.
    public func nextInterest() throws(ZMQError) -> Interest? {
        while try self.socket.receive(into: self.frame) {
            let topic = Array(self.frame.bytes.dropFirst())
            switch self.frame.bytes.first {
            case 1: return .began(topic)
            case 0: return .ended(topic)
            // What subscribers send besides is nothing to us.
            default: continue
            }
        }
        return nil
    }

    /// Sends a message of two frames, topic and payload.
    public func send(_ payload: [UInt8], topic: [UInt8]) throws(ZMQError) {
        let isAddressed = try topic.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.socket.send(bytes, hasMore: true, blocking: false)
        }
        guard isAddressed else { return }
        _ = try payload.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.socket.send(bytes, hasMore: false, blocking: false)
        }
    }
}

@available(*, unavailable)
extension TopicPublisher: Sendable {}
