// SPDX-License-Identifier: Apache-2.0
// What went wrong on a ZeroMQ socket.

import CLibZMQ

/// A failed operation on a context or socket.
public struct ZMQError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call or option that failed, as libzmq names it: `zmq_bind`, `ZMQ_RCVHWM` ….
    public let operation: String
    /// `errno` value; some are libzmq's own.
    public let errno: CInt
    /// What ``errno`` means.
    public let text: String
    /// Endpoint of the socket; empty for a context.
    public let endpoint: String

    init(_ operation: String, errno: CInt = zmq_errno(), endpoint: String) {
        self.operation = operation
        self.errno = errno
        self.text = String(cString: zmq_strerror(errno))
        self.endpoint = endpoint
    }

    public var description: String {
        let place = self.endpoint.isEmpty ? "" : " on \(self.endpoint)"
        return "\(self.operation) failed\(place): \(self.text) (errno \(self.errno))"
    }
}
