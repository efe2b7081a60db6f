// SPDX-License-Identifier: Apache-2.0
// The end that is asked for snapshots of a feed.

/// A ``QuestionRouter`` with one question. Made and used by one thread.
public final class SnapshotRouter {
    /// Messages queued for an asker.
    private static let sendHighWaterMark = 8
    private static let receiveHighWaterMark = 64

    private let router: QuestionRouter

    public init(context: ZMQContext, endpoint: String, security: SocketSecurity = .none) throws(ZMQError) {
        self.router = try QuestionRouter(
            context: context, endpoint: endpoint, sendHighWaterMark: Self.sendHighWaterMark,
            receiveHighWaterMark: Self.receiveHighWaterMark, security: security)
    }

    /// The endpoint with what libzmq filled in, such as the port.
    public func lastEndpoint() throws(ZMQError) -> String { try self.router.lastEndpoint() }

    /// Waits for something to arrive; false when the time was over first.
    public func wait(timeoutMilliseconds: Int) throws(ZMQError) -> Bool {
        try self.router.wait(timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Takes one message without waiting, and tells who asked; `nil` when there was none or it was no request.
    public func nextAsker() throws(ZMQError) -> [UInt8]? {
        guard let question = try self.router.nextQuestion(), question.payload == TickWire.snapshotRequest else {
            return nil
        }
        return question.asker
    }

    /// Sends a payload without waiting.
    public func send(_ payload: [UInt8], to asker: [UInt8]) throws(ZMQError) -> QuestionRouter.SendOutcome {
        try self.router.send(payload, to: asker)
    }
}

@available(*, unavailable)
extension SnapshotRouter: Sendable {}
