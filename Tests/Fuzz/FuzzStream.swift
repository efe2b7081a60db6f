// SPDX-License-Identifier: Apache-2.0
// Any bytes from a client after the handshake: NIO's frame decoder, message assembly, control messages.

import NIOCore
import NIOEmbedded
import NIOWebSocket
import WebServer

/// The input is what arrives in one read or, every byte alone, in many: both must give the same messages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStream(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let bytes = input.rest()
    let whole = messages(of: [bytes])
    for text in whole {
        require(text.count <= MessageAssembler.messageBytesMax, "\(text.count) bytes")
        require(String(validating: text, as: UTF8.self) != nil, "not UTF-8")
        _ = attempt { () throws(ControlMessageError) in try ControlMessage(parsing: text) }
    }
    if count < 64 { require(whole == messages(of: bytes.map { [$0] }), "other messages where the reads are others") }
    return 0
}

/// What the server understands of these reads, until something ends the connection.
private func messages(of reads: [[UInt8]]) -> [[UInt8]] {
    let decoder = WebSocketFrameDecoder(maxFrameSize: MessageAssembler.messageBytesMax)
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    var assembler = MessageAssembler()
    var messages: [[UInt8]] = []
    for read in reads {
        let isSound = (try? channel.writeInbound(ByteBuffer(bytes: read))) != nil
        while let frame = (try? channel.readInbound(as: WebSocketFrame.self)) ?? nil {
            guard frame.opcode == .text || frame.opcode == .binary || frame.opcode == .continuation else { continue }
            do throws(StreamViolation) {
                if let message = try assembler.add(frame) { messages.append(message) }
            } catch { return messages }
        }
        guard isSound else { break }
    }
    return messages
}
