// SPDX-License-Identifier: Apache-2.0
// A WebSocket client of the stream.

import FrameCodec
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import RiskKernel

/// What a client hears; called on the connection's event loop.
protocol StreamListener: AnyObject {
    func received(text: String)
    /// - Parameter receivedNanoseconds: since 1970.
    func received(binary: ByteBuffer, receivedNanoseconds: UInt64)
    /// - Parameter code: of the close frame; `nil` where the connection just ended.
    func closed(code: UInt16?)
}

enum StreamClient {
    /// Bytes of the largest message taken: a snapshot of a large book.
    private static let frameBytesMax = 1 << 26

    private enum Upgrade: Sendable {
        case stream
        case refused
    }

    /// Connects and upgrades; the listener hears from then on.
    ///
    /// - Parameters:
    ///   - authorization: the field of that name; `nil` where nobody signs in.
    ///   - receiveBufferBytes: what the kernel takes before the client reads; `nil` for its own choice.
    ///   - makeListener: called on the connection's event loop.
    static func connect(
        to address: StreamAddress, encoding: FrameEncoding, authorization: String?, group: any EventLoopGroup,
        receiveBufferBytes: Int? = nil,
        makeListener: @escaping @Sendable () -> any StreamListener
    ) async throws -> any Channel {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: address.authority)
        headers.add(name: "Sec-WebSocket-Protocol", value: encoding.rawValue)
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path, headers: headers)
        var bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(10))
        if let receiveBufferBytes {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBufferBytes))
        }
        let (channel, upgrade) = try await bootstrap.connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(
                    maxFrameSize: Self.frameBytesMax
                ) { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(StreamClientHandler(listener: makeListener()))
                        return .stream
                    }
                }
                let configuration = NIOTypedHTTPClientUpgradeConfiguration<Upgrade>(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(.refused) })
                let upgrade = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: .init(upgradeConfiguration: configuration))
                return (channel, upgrade)
            }
        }
        guard try await upgrade.get() == .stream else {
            try? await channel.close()
            throw Failure("\(address.authority)\(address.path) refused the stream")
        }
        return channel
    }

    /// Sends a control message.
    static func send(_ text: String, on channel: any Channel) async throws {
        let frame = WebSocketFrame(
            fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text))
        try await channel.writeAndFlush(frame)
    }
}

/// Answers pings, joins nothing (the server does not fragment), and tells the listener.
///
/// Ownership: its channel's event loop.
private final class StreamClientHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let listener: any StreamListener
    private var closeCode: UInt16?

    init(listener: any StreamListener) { self.listener = listener }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.opcode {
        case .binary:
            self.listener.received(binary: frame.data, receivedNanoseconds: WallClock.nowNanoseconds)
        case .text:
            self.listener.received(text: String(buffer: frame.data))
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.data)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            var data = frame.data
            self.closeCode = data.readInteger()
            let answer = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: frame.data)
            context.writeAndFlush(self.wrapOutboundOut(answer)).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.listener.closed(code: self.closeCode)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
