// SPDX-License-Identifier: Apache-2.0
// The ZeroMQ context: its I/O threads and the name space of inproc endpoints.

import CLibZMQ
import Glibc

/// A context, thread-safe. Sockets keep theirs alive, so it ends after the last of them, and its end waits for no
/// longer than the longest ``TickPublisher`` linger.
public final class ZMQContext: Sendable {
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// - Parameter inputOutputThreads: at least 1; one carries about a gigabyte a second.
    public init(inputOutputThreads: Int = 1) throws(ZMQError) {
        guard let handle = zmq_ctx_new() else { throw ZMQError("zmq_ctx_new", endpoint: "") }
        self.handle = handle
        guard let threads = CInt(exactly: inputOutputThreads), threads >= 1 else {
            throw ZMQError("ZMQ_IO_THREADS", errno: EINVAL, endpoint: "")
        }
        guard zmq_ctx_set(handle, ZMQ_IO_THREADS, threads) == 0 else { throw ZMQError("ZMQ_IO_THREADS", endpoint: "") }
    }

    deinit {
        while zmq_ctx_term(self.handle) != 0, zmq_errno() == EINTR {}
    }
}
