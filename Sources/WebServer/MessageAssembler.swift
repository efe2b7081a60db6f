// SPDX-License-Identifier: Apache-2.0
// Puts the fragments of a client's messages together, within limits. Pure.

import NIOCore
import NIOWebSocket

/// Why a client's frame ends the connection.
package struct StreamViolation: Error, Equatable {
    package let code: WebSocketErrorCode
}

/// Collects data frames into whole text messages (RFC 6455 §5.4).
package struct MessageAssembler {
    /// Bytes of one message, all fragments together.
    package static let messageBytesMax = 1 << 16
    private static let fragmentsMax = 64

    private enum State {
        case idle
        case collecting(fragments: Int)
    }

    private var state = State.idle
    private var bytes: [UInt8] = []

    package init() {}

    /// - Returns: the message, when this frame completes it.
    package mutating func add(_ frame: WebSocketFrame) throws(StreamViolation) -> [UInt8]? {
        var fragments = 0
        switch (self.state, frame.opcode) {
        case (.idle, .text): self.bytes.removeAll(keepingCapacity: true)
        case (.idle, .binary): throw StreamViolation(code: .unacceptableData)
        case (.collecting(let count), .continuation): fragments = count
        default: throw StreamViolation(code: .protocolError)
        }
        let data = frame.unmaskedData
        guard self.bytes.count + data.readableBytes <= Self.messageBytesMax, fragments < Self.fragmentsMax else {
            throw StreamViolation(code: .messageTooLarge)
        }
        self.bytes.append(contentsOf: data.readableBytesView)
        guard frame.fin else {
            self.state = .collecting(fragments: fragments + 1)
            return nil
        }
        self.state = .idle
        guard String(validating: self.bytes, as: UTF8.self) != nil else {
            throw StreamViolation(code: .dataInconsistentWithMessage)
        }
        return self.bytes
    }
}
