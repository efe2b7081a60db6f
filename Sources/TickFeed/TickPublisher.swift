// SPDX-License-Identifier: Apache-2.0
// The sending end of a feed: for `tickrisk feed`, load and tests.

import CLibZMQ

/// How a feed is published.
public enum PublisherPattern: String, Sendable, CaseIterable {
    /// To every subscriber, by topic; nobody is there, nobody gets it.
    case pub
    /// To one of the pullers, in turn.
    case push
}

/// A PUB or PUSH socket. Made and used by one thread, or handed over once.
///
/// Under ``PublisherPattern/pub`` it is an XPUB, which lets the publisher see that it is subscribed to.
public final class TickPublisher {
    private let socket: ZMQSocket
    private let pattern: PublisherPattern
    private let subscription = ZMQMessage()
    /// Distinct topics subscribed to.
    private var subscriptions = 0

    /// Opens and attaches the socket.
    ///
    /// - Parameters:
    ///   - endpoint: as for ``TickSubscriber``.
    ///   - sendHighWaterMark: most messages queued in memory for each peer, at least 1.
    ///   - dropsWhenFull: under ``PublisherPattern/pub``, whether a subscriber whose queue is full misses the message;
    ///     otherwise the message is refused or waited with, for all. A pusher never drops.
    ///   - lingerMilliseconds: how long what is queued is still sent after the end of this object; −1 without limit.
    ///   - security: who may be at the other end.
    public init(
        context: ZMQContext, endpoint: String, attachment: SocketAttachment = .bind, pattern: PublisherPattern = .pub,
        sendHighWaterMark: Int = 1_000, dropsWhenFull: Bool = true, lingerMilliseconds: Int = 1_000,
        security: SocketSecurity = .none
    ) throws(ZMQError) {
        self.socket = try ZMQSocket(
            context, type: pattern == .pub ? ZMQ_XPUB : ZMQ_PUSH, endpoint: endpoint, security: security)
        self.pattern = pattern
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: sendHighWaterMark)
        try self.socket.set(ZMQ_LINGER, "ZMQ_LINGER", to: lingerMilliseconds)
        switch pattern {
        case .pub: try self.socket.set(ZMQ_XPUB_NODROP, "ZMQ_XPUB_NODROP", to: dropsWhenFull ? 0 : 1)
        // Queue for peers that are there only, so that being writable means having one.
        case .push: try self.socket.set(ZMQ_IMMEDIATE, "ZMQ_IMMEDIATE", to: 1)
        }
        try self.socket.attach(attachment)
    }

    /// The endpoint with what libzmq filled in, such as the port.
    public func lastEndpoint() throws(ZMQError) -> String { try self.socket.lastEndpoint() }

    /// Waits until somebody subscribed, or under ``PublisherPattern/push`` until a puller is connected and has room.
    ///
    /// - Parameter timeoutMilliseconds: 0 looks without waiting, a negative one waits for ever.
    /// - Returns: false when the time was over first.
    public func waitForSubscriber(timeoutMilliseconds: Int) throws(ZMQError) -> Bool {
        guard self.pattern == .pub else {
            return try self.socket.poll(for: ZMQ_POLLOUT, timeoutMilliseconds: timeoutMilliseconds).socket
        }
        let start = ContinuousClock.now
        var remaining = timeoutMilliseconds
        while true {
            try self.readSubscriptions()
            if self.subscriptions > 0 { return true }
            guard try self.socket.poll(for: ZMQ_POLLIN, timeoutMilliseconds: remaining).socket else { return false }
            guard timeoutMilliseconds >= 0 else { continue }
            remaining = max(0, timeoutMilliseconds - Int((ContinuousClock.now - start) / .milliseconds(1)))
        }
    }

    /// Sends a payload, copied, as a message of one frame, or of two with a topic.
    ///
    /// - Parameter blocking: waits for room, where there is none and the socket does not drop.
    /// - Returns: false when there was no room and nothing was sent.
    @discardableResult
    public func send(
        _ payload: UnsafeRawBufferPointer, topic: [UInt8] = [], blocking: Bool = false
    ) throws(ZMQError) -> Bool {
        try self.readSubscriptions()
        if !topic.isEmpty {
            guard try self.send(frame: topic, hasMore: true, blocking: blocking) else { return false }
        }
        return try self.socket.send(payload, hasMore: false, blocking: blocking)
    }

    /// Sends a payload, copied, as a message of one frame, or of two with a topic.
    @discardableResult
    public func send(_ payload: [UInt8], topic: [UInt8] = [], blocking: Bool = false) throws(ZMQError) -> Bool {
        try payload.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.send(bytes, topic: topic, blocking: blocking)
        }
    }

    /// Sends a message of any frames, also such as no subscriber takes.
    @discardableResult
    public func send(frames: [[UInt8]], blocking: Bool = false) throws(ZMQError) -> Bool {
        try self.readSubscriptions()
        for (index, frame) in frames.enumerated() {
            let hasMore = index + 1 < frames.count
            guard try self.send(frame: frame, hasMore: hasMore, blocking: blocking) else { return false }
        }
        return true
    }

    private func send(frame: [UInt8], hasMore: Bool, blocking: Bool) throws(ZMQError) -> Bool {
        try frame.span.withUnsafeBytes { bytes throws(ZMQError) in
            try self.socket.send(bytes, hasMore: hasMore, blocking: blocking)
        }
    }

    /// Takes what subscribers said off the socket: unread, it would pile up.
    private func readSubscriptions() throws(ZMQError) {
        guard self.pattern == .pub else { return }
        while try self.socket.receive(into: self.subscription) {
            switch self.subscription.bytes.first {
            case 1: self.subscriptions += 1
            case 0: self.subscriptions = max(0, self.subscriptions - 1)
            default: break
            }
        }
    }
}

@available(*, unavailable)
extension TickPublisher: Sendable {}
