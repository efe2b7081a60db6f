// SPDX-License-Identifier: Apache-2.0
// The end that is asked, by any number of peers.

import CLibZMQ

/// A ROUTER that takes questions of one frame and sends payloads to who asked. Made and used by one thread, or handed
/// over once.
public final class QuestionRouter {
    /// How a send ended.
    public enum SendOutcome: Sendable {
        case sent
        /// The asker's queue is full: again later.
        case full
        /// The asker is not there any more.
        case gone
    }

    /// A question, and who asked it.
    public struct Question: Sendable {
        public let asker: [UInt8]
        public let payload: [UInt8]
    }

    let socket: ZMQSocket
    private let frame = ZMQMessage()

    /// Opens and binds.
    ///
    /// - Parameters:
    ///   - sendHighWaterMark: messages queued for each asker.
    ///   - receiveHighWaterMark: questions queued of each asker.
    ///   - isPinging: whether askers that vanished are noticed by ZeroMQ's pings; as at the other end.
    public init(
        context: ZMQContext, endpoint: String, sendHighWaterMark: Int, receiveHighWaterMark: Int,
        isPinging: Bool = true, security: SocketSecurity = .none
    ) throws(ZMQError) {
        self.socket = try ZMQSocket(
            context, type: ZMQ_ROUTER, endpoint: endpoint, peers: isPinging ? .heartbeats : .keepAlive,
            security: security)
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: sendHighWaterMark)
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: receiveHighWaterMark)
        // An asker that left or is slow is told to us, not passed over.
        try self.socket.set(ZMQ_ROUTER_MANDATORY, "ZMQ_ROUTER_MANDATORY", to: 1)
        try self.socket.attach(.bind)
    }

    /// The endpoint with what libzmq filled in, such as the port.
    public func lastEndpoint() throws(ZMQError) -> String { try self.socket.lastEndpoint() }

    /// Waits for something to arrive; false when the time was over first.
    public func wait(timeoutMilliseconds: Int) throws(ZMQError) -> Bool {
        try self.socket.poll(for: ZMQ_POLLIN, timeoutMilliseconds: timeoutMilliseconds).socket
    }

    /// Takes one message without waiting.
    ///
    /// - Returns: `nil` when there was none; a question with an empty payload when it was none of ours.
    public func nextQuestion() throws(ZMQError) -> Question? {
        guard try self.socket.receive(into: self.frame) else { return nil }
        let asker = Array(self.frame.bytes)
        var payload: [UInt8] = []
        var frames = 1
        while self.frame.hasMore, try self.socket.receive(into: self.frame) {
            frames += 1
            // A REQ puts an empty frame before its question.
            if frames <= 3 { payload = Array(self.frame.bytes) }
        }
        return Question(asker: asker, payload: frames <= 3 ? payload : [])
    }

    /// Sends a payload without waiting.
    public func send(_ payload: [UInt8], to asker: [UInt8]) throws(ZMQError) -> SendOutcome {
        do throws(ZMQError) {
            let isAddressed = try asker.span.withUnsafeBytes { bytes throws(ZMQError) in
                try self.socket.send(bytes, hasMore: true, blocking: false)
            }
            guard isAddressed else { return .full }
        } catch  where error.errno == EHOSTUNREACH {
            return .gone
        }
        _ = try payload.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.socket.send(bytes, hasMore: false, blocking: false)
        }
        return .sent
    }
}

@available(*, unavailable)
extension QuestionRouter: Sendable {}
