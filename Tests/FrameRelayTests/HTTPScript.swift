// SPDX-License-Identifier: Apache-2.0
// Pages and API of a unit as a gateway asks for them, and a client of the gateway.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers every request alike and keeps what it was asked.
final class ScriptedPort: Sendable {
    private let channel: any Channel
    private let heads: @Sendable () -> [HTTPRequestHead]

    init(body: String, headers: HTTPHeaders = [:]) async throws {
        let heads = Heads()
        self.heads = { heads.kept.withLock { $0 } }
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Answerer(body: body, headers: headers, heads: heads))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { self.channel.localAddress?.port ?? 0 }
    /// Of all requests, oldest first.
    var asked: [HTTPRequestHead] { self.heads() }

    func stop() { self.channel.close(promise: nil) }

    private final class Heads: Sendable {
        let kept = Mutex<[HTTPRequestHead]>([])
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let body: String
        private let headers: HTTPHeaders
        private let heads: Heads

        init(body: String, headers: HTTPHeaders, heads: Heads) {
            self.body = body
            self.headers = headers
            self.heads = heads
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.heads.kept.withLock { $0.append(head) }
            case .body: break
            case .end:
                var headers = self.headers
                headers.add(name: "Content-Length", value: "\(self.body.utf8.count)")
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(self.wrapOutboundOut(.head(head)), promise: nil)
                let body = context.channel.allocator.buffer(string: self.body)
                context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

/// One request on a connection of its own.
enum OneRequest {
    /// - Returns: the whole answer as text.
    static func send(_ line: String, _ headers: [String], to address: SocketAddress) async throws -> String {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let text = ([line, "Host: localhost", "Connection: close"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
        let answer = loop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(answer))
                }
            }
            .connect(to: address).get()
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        return try await answer.futureResult.get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: EventLoopPromise<String>
        private var bytes = ByteBuffer()

        init(_ answer: EventLoopPromise<String>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = self.unwrapInboundIn(data)
            self.bytes.writeBuffer(&buffer)
        }

        func channelInactive(context: ChannelHandlerContext) { self.answer.succeed(String(buffer: self.bytes)) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.answer.fail(error)
            context.close(promise: nil)
        }
    }
}
