// SPDX-License-Identifier: Apache-2.0
// What the server says on the stream besides data frames (DESIGN.md §6).

import FrameCodec
import FramePublisher
import NIOCore
import NIOWebSocket

enum StreamErrorCode: String {
    case forbidden
    case badRequest = "bad_request"
    case tooMany = "too_many"
}

enum ServerMessage {
    case hello(epoch: String, serverTimeNanoseconds: UInt64)
    case subscribed(channels: [String])
    case pong(id: ControlMessage.PingID?, serverTimeNanoseconds: UInt64)
    case error(StreamErrorCode, message: String, channel: String?)
    case heartbeat(channel: String, sequence: UInt64, serverTimeNanoseconds: UInt64)
    case event(StreamEvent, channel: String)
    case gap(channel: String)

    static let protocolVersion: UInt64 = 1
    static let maximumHertz: UInt64 = 10

    /// One text frame.
    var frame: ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        switch self {
        case .hello(let epoch, let time):
            json.member("type", "hello")
            json.member("protocol", Self.protocolVersion)
            json.member("epoch", epoch)
            json.member("server_time_ns", time)
            json.member("max_hz", Self.maximumHertz)
        case .subscribed(let channels):
            json.member("type", "subscribed")
            json.key("channels")
            json.value(channels)
        case .pong(let id, let time):
            json.member("type", "pong")
            switch id {
            case .number(let number): json.member("id", number)
            case .text(let text): json.member("id", text)
            case nil: break
            }
            json.member("server_time_ns", time)
        case .error(let code, let message, let channel):
            json.member("type", "error")
            json.member("code", code.rawValue)
            json.member("message", message)
            if let channel { json.member("channel", channel) }
        case .heartbeat(let channel, let sequence, let time):
            json.member("type", "heartbeat")
            json.member("channel", channel)
            json.member("seq", sequence)
            json.member("server_time_ns", time)
        case .event(let event, let channel):
            json.member("type", "event")
            json.member("channel", channel)
            json.member("event_seq", event.sequence)
            json.member("event", event.kind)
            json.key("data")
            json.raw(event.data)
        case .gap(let channel):
            json.member("type", "gap")
            json.member("channel", channel)
        }
        json.endObject()
        return ServerFrame.message(.text, json.bytes)
    }
}
