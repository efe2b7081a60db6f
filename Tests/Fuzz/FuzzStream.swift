// SPDX-License-Identifier: Apache-2.0
// Any bytes from a client after the handshake: WebSocket frames, fragments, control messages.

import NIOCore
import WebServer

private let limits = WebSocketLimits(messageBytesMax: 1 << 12, fragmentsMax: 8, frameNanosecondsMax: .max)

/// The input is what arrives in one read or, every byte alone, in many: both must be answered alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStream(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let bytes = input.rest()
    let whole = actions(on: [bytes])
    for case .deliver(let message) in whole {
        switch message {
        case .binary(let bytes): require(bytes.count <= limits.messageBytesMax, "\(bytes.count) bytes")
        case .text(let text):
            require(text.count <= limits.messageBytesMax, "\(text.count) bytes")
            require(String(validating: text, as: UTF8.self) != nil, "not UTF-8")
            _ = attempt { () throws(ControlMessageError) in try ControlMessage(parsing: text) }
        }
    }
    if count < 64 { require(whole == actions(on: bytes.map { [$0] }), "other answers where the reads are others") }
    return 0
}

/// What the server does about these reads, until it has nothing more to do.
private func actions(on reads: [[UInt8]]) -> [WebSocketProtocol.Action] {
    var machine = WebSocketProtocol(limits: limits)
    var unread = ByteBuffer()
    var actions: [WebSocketProtocol.Action] = []
    for read in reads {
        unread.writeBytes(read)
        while let action = machine.next(from: &unread, nowNanoseconds: 0) { actions.append(action) }
    }
    return actions
}
