// SPDX-License-Identifier: Apache-2.0
// The end that is asked for snapshots.

import CLibZMQ

/// A ROUTER that takes requests and sends payloads to who asked. Made and used by one thread.
public final class SnapshotRouter {
    /// How a send ended.
    public enum SendOutcome: Sendable {
        case sent
        /// The asker's queue is full: again later.
        case full
        /// The asker is not there any more.
        case gone
    }

    /// Messages queued for an asker.
    private static let sendHighWaterMark = 8
    private static let receiveHighWaterMark = 64

    private let socket: ZMQSocket
    private let frame = ZMQMessage()

    public init(context: ZMQContext, endpoint: String, security: SocketSecurity = .none) throws(ZMQError) {
        self.socket = try ZMQSocket(context, type: ZMQ_ROUTER, endpoint: endpoint, security: security)
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: Self.sendHighWaterMark)
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: Self.receiveHighWaterMark)
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

    /// Takes one message without waiting, and tells who asked; `nil` when there was none or it was no request.
    public func nextAsker() throws(ZMQError) -> [UInt8]? {
        guard try self.socket.receive(into: self.frame) else { return nil }
        let asker = Array(self.frame.bytes)
        var isRequest = false
        var frames = 1
        while self.frame.hasMore, try self.socket.receive(into: self.frame) {
            frames += 1
            isRequest = self.frame.bytes.elementsEqual(TickWire.snapshotRequest)
        }
        // A REQ puts an empty frame before its request.
        return isRequest && frames <= 3 ? asker : nil
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
extension SnapshotRouter: Sendable {}
