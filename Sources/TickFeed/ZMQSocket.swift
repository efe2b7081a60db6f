// SPDX-License-Identifier: Apache-2.0
// A bounded ZeroMQ socket and a reused message: what both ends are made of.

import CLibZMQ
import Glibc

/// Which end of a connection we are; the raw values are the configuration's words.
public enum SocketAttachment: String, Sendable, CaseIterable {
    case connect, bind
}

/// How a peer that vanished without a word is noticed.
enum PeerWatch {
    /// By ZeroMQ's own pings.
    case heartbeats
    /// By TCP's. Where a receiver's queue may be full for seconds, libzmq stops reading, takes its peer for gone, and
    /// ends the process when it reads on (zeromq/libzmq#3937, in every 4.3): so no pings there.
    case keepAlive
}

/// A socket with the limits every socket of ours has. One thread at a time may use it.
final class ZMQSocket {
    let handle: UnsafeMutableRawPointer
    let endpoint: String
    /// Keeps the context alive until the socket is closed.
    private let context: ZMQContext

    /// Opens a socket that is not attached yet.
    ///
    /// - Parameters:
    ///   - messageBytesMax: a peer that sends a larger frame loses its connection.
    ///   - peers: how one that vanished is noticed; the same at both ends.
    init(
        _ context: ZMQContext, type: CInt, endpoint: String, messageBytesMax: Int = TickWire.messageBytesMax,
        peers: PeerWatch = .heartbeats, security: SocketSecurity = .none
    ) throws(ZMQError) {
        guard let handle = zmq_socket(context.handle, type) else { throw ZMQError("zmq_socket", endpoint: endpoint) }
        self.handle = handle
        self.endpoint = endpoint
        self.context = context
        var messageBytesMax = Int64(messageBytesMax)
        try self.check("ZMQ_MAXMSGSIZE", zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &messageBytesMax, 8))
        // A peer that connects and does not say who it is, is let go.
        try self.set(ZMQ_HANDSHAKE_IVL, "ZMQ_HANDSHAKE_IVL", to: 2_000)
        try self.set(peers)
        try self.set(ZMQ_RECONNECT_IVL, "ZMQ_RECONNECT_IVL", to: 100)
        try self.set(ZMQ_RECONNECT_IVL_MAX, "ZMQ_RECONNECT_IVL_MAX", to: 5_000)
        try self.set(ZMQ_TCP_KEEPALIVE, "ZMQ_TCP_KEEPALIVE", to: 1)
        try self.set(ZMQ_LINGER, "ZMQ_LINGER", to: 0)
        try self.apply(security)
    }

    deinit { zmq_close(self.handle) }

    /// A peer that vanished without closing is noticed within seconds, and its memory given back.
    private func set(_ peers: PeerWatch) throws(ZMQError) {
        switch peers {
        case .heartbeats:
            try self.set(ZMQ_HEARTBEAT_IVL, "ZMQ_HEARTBEAT_IVL", to: 1_000)
            try self.set(ZMQ_HEARTBEAT_TIMEOUT, "ZMQ_HEARTBEAT_TIMEOUT", to: 3_000)
            try self.set(ZMQ_HEARTBEAT_TTL, "ZMQ_HEARTBEAT_TTL", to: 5_000)
        case .keepAlive:
            try self.set(ZMQ_TCP_KEEPALIVE_IDLE, "ZMQ_TCP_KEEPALIVE_IDLE", to: 5)
            try self.set(ZMQ_TCP_KEEPALIVE_INTVL, "ZMQ_TCP_KEEPALIVE_INTVL", to: 2)
            try self.set(ZMQ_TCP_KEEPALIVE_CNT, "ZMQ_TCP_KEEPALIVE_CNT", to: 3)
        }
    }

    /// - Parameter value: what does not fit is refused as libzmq refuses values.
    func set(_ option: CInt, _ name: String, to value: Int) throws(ZMQError) {
        guard var number = CInt(exactly: value) else { throw ZMQError(name, errno: EINVAL, endpoint: self.endpoint) }
        try self.check(name, zmq_setsockopt(self.handle, option, &number, MemoryLayout<CInt>.size))
    }

    /// A high-water mark: at least 1, because libzmq takes 0 for "no limit".
    func setHighWaterMark(_ option: CInt, _ name: String, to messages: Int) throws(ZMQError) {
        guard messages >= 1 else { throw ZMQError(name, errno: EINVAL, endpoint: self.endpoint) }
        try self.set(option, name, to: messages)
    }

    func attach(_ attachment: SocketAttachment) throws(ZMQError) {
        switch attachment {
        case .bind: try self.check("zmq_bind", zmq_bind(self.handle, self.endpoint))
        case .connect: try self.check("zmq_connect", zmq_connect(self.handle, self.endpoint))
        }
    }

    /// The endpoint as libzmq resolved it: a wildcard port is the port the system chose.
    func lastEndpoint() throws(ZMQError) -> String {
        var size = 1024
        var text = [UInt8](repeating: 0, count: size)
        try self.check("ZMQ_LAST_ENDPOINT", zmq_getsockopt(self.handle, ZMQ_LAST_ENDPOINT, &text, &size))
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Waits for `events` on the socket, for input on a second one or on `descriptor` (−1: none), through signals.
    ///
    /// - Returns: what is ready; nothing when the time is over.
    func poll(
        for events: CInt, orInputOf other: ZMQSocket? = nil, or descriptor: CInt = -1, timeoutMilliseconds: Int
    ) throws(ZMQError) -> (socket: Bool, other: Bool, descriptor: Bool) {
        // An item with neither socket nor descriptor is passed over by the system.
        var items = (
            zmq_pollitem_t(socket: self.handle, fd: 0, events: Int16(events), revents: 0),
            zmq_pollitem_t(socket: other?.handle, fd: -1, events: Int16(ZMQ_POLLIN), revents: 0),
            zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0)
        )
        let start = ContinuousClock.now
        var remaining = timeoutMilliseconds
        while true {
            let ready = withUnsafeMutableBytes(of: &items) { bytes in
                zmq_poll(bytes.bindMemory(to: zmq_pollitem_t.self).baseAddress, 3, remaining)
            }
            if ready >= 0 { return (items.0.revents != 0, items.1.revents != 0, items.2.revents != 0) }
            guard zmq_errno() == EINTR else { throw ZMQError("zmq_poll", endpoint: self.endpoint) }
            guard timeoutMilliseconds >= 0 else { continue }
            remaining = max(0, timeoutMilliseconds - Int((ContinuousClock.now - start) / .milliseconds(1)))
        }
    }

    /// Receives one frame without waiting; false when there is none.
    func receive(into message: ZMQMessage) throws(ZMQError) -> Bool {
        while zmq_msg_recv(message.handle, self.handle, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw ZMQError("zmq_msg_recv", endpoint: self.endpoint)
            }
        }
        return true
    }

    /// Sends one frame; false when there is no room, which with `blocking` is waited for.
    func send(_ frame: UnsafeRawBufferPointer, hasMore: Bool, blocking: Bool) throws(ZMQError) -> Bool {
        let flags = (hasMore ? ZMQ_SNDMORE : 0) | (blocking ? 0 : ZMQ_DONTWAIT)
        while zmq_send(self.handle, frame.baseAddress, frame.count, flags) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw ZMQError("zmq_send", endpoint: self.endpoint)
            }
        }
        return true
    }

    func check(_ operation: String, _ result: CInt) throws(ZMQError) {
        if result != 0 { throw ZMQError(operation, endpoint: self.endpoint) }
    }
}

/// One frame's memory, filled again and again.
final class ZMQMessage {
    fileprivate let handle = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)

    init() { zmq_msg_init(self.handle) }

    deinit {
        zmq_msg_close(self.handle)
        self.handle.deallocate()
    }

    /// Valid until the next receive into this message.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(self.handle), count: zmq_msg_size(self.handle))
    }

    /// Whether this frame is followed by another of the same message.
    var hasMore: Bool { zmq_msg_more(self.handle) != 0 }
}
