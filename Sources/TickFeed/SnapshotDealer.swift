// SPDX-License-Identifier: Apache-2.0
// Asks a publisher for one snapshot.

import CLibZMQ

/// One request on a socket of its own, from the question to the last message of the answer.
///
/// A new question is a new dealer, so an answer can never be taken for that of an earlier question, and nobody can send
/// what nobody asked for. Made and used by one thread.
public final class SnapshotDealer {
    /// Messages of the answer queued in memory; the rest waits at the publisher.
    private static let receiveHighWaterMark = 8

    let socket: ZMQSocket
    private let inbox = PayloadInbox()

    /// Connects and asks; the question leaves when there is a peer.
    public init(context: ZMQContext, endpoint: String, security: SocketSecurity = .none) throws(ZMQError) {
        self.socket = try ZMQSocket(context, type: ZMQ_DEALER, endpoint: endpoint, security: security)
        try self.socket.setHighWaterMark(ZMQ_RCVHWM, "ZMQ_RCVHWM", to: Self.receiveHighWaterMark)
        try self.socket.setHighWaterMark(ZMQ_SNDHWM, "ZMQ_SNDHWM", to: 1)
        try self.socket.attach(.connect)
        try TickWire.snapshotRequest.span.withUnsafeBytes { bytes throws(ZMQError) in
            _ = try self.socket.send(bytes, hasMore: false, blocking: false)
        }
    }

    /// Takes one message of the answer, if there is one, without waiting.
    ///
    /// - Parameter body: as in ``TickSubscriber/receive(_:)``.
    public func receive(_ body: (UnsafeRawBufferPointer) -> Void) throws(ZMQError) -> TickSubscriber.Received {
        try self.inbox.receive(from: self.socket, body)
    }
}

@available(*, unavailable)
extension SnapshotDealer: Sendable {}
