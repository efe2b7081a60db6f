// SPDX-License-Identifier: Apache-2.0
// The head of a client's WebSocket frame, refused at the first byte that breaks a rule (RFC 6455 §5.2). Pure.

import NIOWebSocket

/// Why a client's frame ends the connection.
package struct WebSocketViolation: Error, Equatable {
    package let code: WebSocketErrorCode

    static let protocolError = WebSocketViolation(code: .protocolError)
}

package struct WebSocketFrameHeader: Equatable {
    /// Those that are defined; the others are reserved.
    package enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { self.rawValue >= 8 }
    }

    package let isFinal: Bool
    package let opcode: Opcode
    /// Of the payload.
    package let byteCount: Int
    /// First byte most significant.
    package let mask: UInt32

    /// The byte that masks payload byte `index`.
    func maskByte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: self.mask >> (24 - 8 * UInt32(index & 3))) }
}

/// Reads a header byte by byte:
///
/// ```
///  byte 0             byte 1              0, 2 or 8 bytes   4 bytes
/// ┌───┬─────┬────────┬──────┬───────────┬─────────────────┬────────┐
/// │fin│rsv=0│ opcode │mask=1│ length    │ longer length   │ mask   │
/// └───┴─────┴────────┴──────┴───────────┴─────────────────┴────────┘
/// ```
package struct FrameHeaderReader {
    private static let controlBytesMax: UInt8 = 125

    private var count = 0
    private var isFinal = false
    private var opcode = WebSocketFrameHeader.Opcode.continuation
    private var lengthBytes = 0
    private var length: UInt64 = 0
    private var mask: UInt32 = 0

    package init() {}

    /// Whether a header has begun and not ended.
    package var isStarted: Bool { self.count > 0 }

    /// - Returns: the header, when this byte completes it; the next byte begins another.
    /// - Throws: 1002 for reserved bits and opcodes, no mask, long or fragmented control frames, and lengths that are
    ///   not written as briefly as they can be or exceed 63 bits.
    package mutating func append(_ byte: UInt8) throws(WebSocketViolation) -> WebSocketFrameHeader? {
        switch self.count {
        case 0: try self.readFirst(byte)
        case 1: try self.readSecond(byte)
        case ..<(2 + self.lengthBytes):
            self.length = self.length << 8 | UInt64(byte)
            if self.count == 1 + self.lengthBytes { try self.checkLength() }
        default: self.mask = self.mask << 8 | UInt32(byte)
        }
        self.count += 1
        guard self.count == 2 + self.lengthBytes + 4 else { return nil }
        let header = WebSocketFrameHeader(
            isFinal: self.isFinal, opcode: self.opcode, byteCount: Int(self.length), mask: self.mask)
        self = FrameHeaderReader()
        return header
    }

    private mutating func readFirst(_ byte: UInt8) throws(WebSocketViolation) {
        guard byte & 0x70 == 0, let opcode = WebSocketFrameHeader.Opcode(rawValue: byte & 0x0F) else {
            throw .protocolError
        }
        self.isFinal = byte & 0x80 != 0
        self.opcode = opcode
        if opcode.isControl && !self.isFinal { throw .protocolError }
    }

    private mutating func readSecond(_ byte: UInt8) throws(WebSocketViolation) {
        let length = byte & 0x7F
        guard byte & 0x80 != 0, !self.opcode.isControl || length <= Self.controlBytesMax else { throw .protocolError }
        switch length {
        case 126: self.lengthBytes = 2
        case 127: self.lengthBytes = 8
        default: self.length = UInt64(length)
        }
    }

    private func checkLength() throws(WebSocketViolation) {
        let least: UInt64 = self.lengthBytes == 2 ? 126 : 1 << 16
        guard (least...UInt64(Int.max)).contains(self.length) else { throw .protocolError }
    }
}
