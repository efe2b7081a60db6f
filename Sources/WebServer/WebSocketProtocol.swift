// SPDX-License-Identifier: Apache-2.0
// What a server owes a WebSocket client (RFC 6455 §5 to §8). Pure: bytes and time come in, actions go out.

import NIOCore
import NIOWebSocket

/// A whole message, all its fragments together.
package enum WebSocketMessage: Equatable, Sendable {
    /// Valid UTF-8.
    case text([UInt8])
    case binary([UInt8])
}

/// What one client may ask of us.
package struct WebSocketLimits: Sendable {
    /// Bytes of one message.
    package var messageBytesMax: Int
    package var fragmentsMax: Int
    /// From a frame's first byte to its last.
    package var frameNanosecondsMax: UInt64

    package init(messageBytesMax: Int, fragmentsMax: Int, frameNanosecondsMax: UInt64) {
        self.messageBytesMax = messageBytesMax
        self.fragmentsMax = fragmentsMax
        self.frameNanosecondsMax = frameNanosecondsMax
    }
}

/// The server's side of one connection after its handshake.
///
/// ```
///         close(_:)              their Close, or nonsense
///  open ─────────────► closing ──────────────────────────► closed
///    └──────── their Close, or a violation ──────────────────▲
/// ```
package struct WebSocketProtocol {
    package enum Action: Equatable {
        case deliver(WebSocketMessage)
        /// A pong with this payload is due.
        case pong([UInt8])
        /// A Close with this code (`nil`: an empty one) is due, and then nothing; bytes that still come are dropped.
        case close(WebSocketErrorCode?)
        /// The client answered our Close, or never will.
        case end
    }

    private enum Phase { case open, closing, closed }

    private let limits: WebSocketLimits
    private var phase = Phase.open
    private var reader = FrameHeaderReader()
    /// The frame whose payload is coming in, and how much of it has.
    private var frame: (header: WebSocketFrameHeader, receivedBytes: Int)?
    private var frameBeganNanoseconds: UInt64 = 0
    private var control: [UInt8] = []
    private var message: [UInt8] = []
    /// Of the message under way; 0 between messages.
    private var fragments = 0
    private var isText = false
    private var validator = UTF8Validator()

    package init(limits: WebSocketLimits) { self.limits = limits }

    package var isOpen: Bool { self.phase == .open }

    /// Takes bytes until they give rise to an action or end; to be called until it returns `nil`.
    package mutating func next(from buffer: inout ByteBuffer, nowNanoseconds: UInt64) -> Action? {
        do {
            while self.phase != .closed {
                if self.frame == nil, try !self.readHeader(from: &buffer, nowNanoseconds: nowNanoseconds) { return nil }
                guard let header = try self.readPayload(from: &buffer) else { return nil }
                if let action = try self.finish(header) { return action }
            }
        } catch {
            return self.fail(error.code)
        }
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return nil
    }

    /// Ends the conversation from our side.
    ///
    /// - Returns: whether a Close with this code is due now.
    package mutating func close() -> Bool {
        guard self.phase == .open else { return false }
        self.phase = .closing
        return true
    }

    /// - Returns: what is due because a frame takes too long.
    package mutating func tick(nowNanoseconds: UInt64) -> Action? {
        guard self.phase != .closed, self.isInFrame,
            nowNanoseconds >= self.frameBeganNanoseconds + self.limits.frameNanosecondsMax
        else { return nil }
        return self.fail(.policyViolation)
    }

    /// We did not read for a while: what is late is so because of us.
    package mutating func resume(nowNanoseconds: UInt64) { self.frameBeganNanoseconds = nowNanoseconds }

    private var isInFrame: Bool { self.frame != nil || self.reader.isStarted }

    private mutating func fail(_ code: WebSocketErrorCode) -> Action {
        let wasOpen = self.phase == .open
        self.phase = .closed
        self.message = []
        return wasOpen ? .close(code) : .end
    }

    // MARK: Frames

    /// - Returns: false when the bytes end first.
    private mutating func readHeader(
        from buffer: inout ByteBuffer, nowNanoseconds: UInt64
    ) throws(WebSocketViolation) -> Bool {
        while let byte = buffer.readInteger(as: UInt8.self) {
            if !self.reader.isStarted { self.frameBeganNanoseconds = nowNanoseconds }
            guard let header = try self.reader.append(byte) else { continue }
            try self.begin(header)
            self.frame = (header, 0)
            return true
        }
        return false
    }

    private mutating func begin(_ header: WebSocketFrameHeader) throws(WebSocketViolation) {
        if header.opcode.isControl { return self.control.removeAll(keepingCapacity: true) }
        guard (header.opcode == .continuation) == (self.fragments > 0) else { throw .protocolError }
        if self.fragments == 0 {
            self.isText = header.opcode == .text
            self.validator = UTF8Validator()
        }
        self.fragments += 1
        if self.fragments > self.limits.fragmentsMax { throw WebSocketViolation(code: .policyViolation) }
        if header.byteCount > self.limits.messageBytesMax - self.message.count {
            throw WebSocketViolation(code: .messageTooLarge)
        }
    }

    /// - Returns: the header of the frame that is complete now; `nil` when the bytes end first.
    private mutating func readPayload(from buffer: inout ByteBuffer) throws(WebSocketViolation) -> WebSocketFrameHeader?
    {
        guard let (header, received) = self.frame else { return nil }
        let count = min(header.byteCount - received, buffer.readableBytes)
        if count > 0, let bytes = buffer.readSlice(length: count) {
            let unmasked = bytes.readableBytesView.enumerated().lazy.map { index, byte in
                byte ^ header.maskByte(received + index)
            }
            try self.append(unmasked, header: header)
        }
        guard received + count == header.byteCount else {
            self.frame = (header, received + count)
            return nil
        }
        self.frame = nil
        return header
    }

    private mutating func append(
        _ bytes: some Collection<UInt8>, header: WebSocketFrameHeader
    ) throws(WebSocketViolation) {
        // What comes while we wait for the answer to our Close is nobody's business, but for that answer.
        if header.opcode.isControl { return self.control.append(contentsOf: bytes) }
        guard self.phase == .open else { return }
        let start = self.message.count
        self.message.append(contentsOf: bytes)
        if self.isText, !self.validator.append(self.message[start...]) {
            throw WebSocketViolation(code: .dataInconsistentWithMessage)
        }
    }

    private mutating func finish(_ header: WebSocketFrameHeader) throws(WebSocketViolation) -> Action? {
        switch header.opcode {
        case .close: return try self.answerClose()
        case .ping: return self.phase == .open ? .pong(self.control) : nil
        case .pong: return nil
        case .continuation, .text, .binary: break
        }
        guard header.isFinal else { return nil }
        self.fragments = 0
        let message = self.message
        self.message = []
        guard self.phase == .open else { return nil }
        guard self.isText else { return .deliver(.binary(message)) }
        guard self.validator.isComplete else { throw WebSocketViolation(code: .dataInconsistentWithMessage) }
        return .deliver(.text(message))
    }

    // MARK: Close

    private mutating func answerClose() throws(WebSocketViolation) -> Action {
        let code = try Self.code(ofClose: self.control)
        let isOurs = self.phase == .closing
        self.phase = .closed
        self.message = []
        return isOurs ? .end : .close(code)
    }

    private static func code(ofClose payload: [UInt8]) throws(WebSocketViolation) -> WebSocketErrorCode? {
        if payload.isEmpty { return nil }
        guard payload.count >= 2 else { throw .protocolError }
        let number = Int(payload[0]) << 8 | Int(payload[1])
        guard Self.mayBeSent(number) else { throw .protocolError }
        var validator = UTF8Validator()
        guard validator.append(payload[2...]), validator.isComplete else {
            throw WebSocketViolation(code: .dataInconsistentWithMessage)
        }
        return WebSocketErrorCode(codeNumber: number)
    }

    /// RFC 6455 §7.4 and IANA's registry; 1004 to 1006 and 1015 never travel.
    private static func mayBeSent(_ code: Int) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
