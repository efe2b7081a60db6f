// SPDX-License-Identifier: Apache-2.0
// A whole WebSocket message from server to client in one buffer, built once and written to any number of clients.

import NIOCore
import NIOWebSocket

package enum ServerFrame {
    /// Unmasked, unfragmented (RFC 6455 §5.2).
    package static func message(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: payload.count + 10)
        buffer.writeInteger(UInt8(0x80) | UInt8(webSocketOpcode: opcode))
        switch payload.count {
        case ...125:
            buffer.writeInteger(UInt8(payload.count))
        case ...0xFFFF:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeBytes(payload)
        return buffer
    }

    /// The payload of a frame made by ``message(_:_:)``.
    package static func payload(of frame: ByteBuffer) -> [UInt8] {
        let bytes = frame.readableBytesView
        let headerBytes =
            switch bytes.dropFirst().first {
            case 126: 4
            case 127: 10
            default: 2
            }
        return Array(bytes.dropFirst(headerBytes))
    }
}
