// SPDX-License-Identifier: Apache-2.0
// The gateway's end of the socket, as tests hold it.

import CLibZMQ
import Dispatch
import Glibc
import Testing

/// A ROUTER that answers whoever it heard last. Used by one test, one call at a time; waiting holds no thread that
/// tests run on.
final class TestRouter: @unchecked Sendable {
    private let context = zmq_ctx_new()
    private var socket: UnsafeMutableRawPointer?
    private var peer: [UInt8] = []

    /// - Parameter endpoint: with a wildcard port the system chooses one.
    init(_ endpoint: String = "tcp://127.0.0.1:*") throws {
        self.socket = zmq_socket(self.context, ZMQ_ROUTER)
        var none: CInt = 0
        var timeout: CInt = 20_000
        zmq_setsockopt(self.socket, ZMQ_LINGER, &none, MemoryLayout<CInt>.size)
        zmq_setsockopt(self.socket, ZMQ_RCVTIMEO, &timeout, MemoryLayout<CInt>.size)
        try #require(zmq_bind(self.socket, endpoint) == 0)
    }

    deinit { self.close() }

    func close() {
        guard self.socket != nil else { return }
        zmq_close(self.socket)
        zmq_ctx_term(self.context)
        self.socket = nil
    }

    var endpoint: String {
        var size = 256
        var text = [UInt8](repeating: 0, count: size)
        zmq_getsockopt(self.socket, ZMQ_LAST_ENDPOINT, &text, &size)
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The next message of a type; heartbeats and others are passed over, for a while.
    func next(_ type: String) async throws -> [String: Any] {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let bytes = try await withCheckedThrowingContinuation { answer in
                DispatchQueue.global().async {
                    answer.resume(
                        with: Result {
                            self.peer = try self.frame()
                            return try self.frame()
                        })
                }
            }
            let message = try GatewayLines.object(bytes)
            if message["type"] as? String == type { return message }
        }
        throw NothingCame(type: type)
    }

    private struct NothingCame: Error { let type: String }
    private static let patience = Duration.seconds(20)

    private func frame() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count: CInt
        repeat { count = zmq_recv(self.socket, &bytes, bytes.count, 0) } while count < 0 && zmq_errno() == EINTR
        try #require(count >= 0, "nothing came")
        return Array(bytes.prefix(Int(count)))
    }

    func say(_ text: String) {
        zmq_send(self.socket, self.peer, self.peer.count, ZMQ_SNDMORE)
        zmq_send(self.socket, text, text.utf8.count, 0)
    }
}
