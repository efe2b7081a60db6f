// SPDX-License-Identifier: Apache-2.0
// One POST over a connection of its own.

import NIOCore
import NIOHTTP1
import NIOPosix
import RiskStore

/// Connects, sends, reads the head of the answer, closes. No redirects are followed, no body is read.
enum WebhookCall {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: the answer's status.
    static func post(
        _ message: WebhookMessage, to target: WebhookTarget, timeSeconds: UInt64, group: any EventLoopGroup
    ) async throws -> Int {
        let limit = TimeAmount.nanoseconds(Int64(clamping: target.timeoutNanoseconds))
        let answer = group.next().makePromise(of: Int.self)
        let bootstrap = ClientBootstrap(group: answer.futureResult.eventLoop)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(StatusHandler(answer))
                }
            }
        do {
            let channel = try await bootstrap.connect(host: target.host, port: target.port).get()
            let timeout = channel.eventLoop.scheduleTask(in: limit) {
                answer.fail(Failed(description: "no answer in time"))
            }
            answer.futureResult.whenComplete { _ in
                timeout.cancel()
                channel.close(promise: nil)
            }
            Self.write(message, to: target, timeSeconds: timeSeconds, channel)
        } catch {
            answer.fail(error)
        }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            answer.fail(CancellationError())
        }
    }

    private static func write(
        _ message: WebhookMessage, to target: WebhookTarget, timeSeconds: UInt64, _ channel: any Channel
    ) {
        var headers: HTTPHeaders = [
            "Host": target.authority, "Content-Type": "application/json", "User-Agent": "tickrisk",
            "Content-Length": "\(message.body.count)", "Connection": "close", "Tickrisk-Delivery": message.id,
            "Tickrisk-Timestamp": "\(timeSeconds)",
        ]
        if let secret = target.secret {
            // The time is signed too, so that an old message cannot be sent again as a new one.
            let signed = Array("\(timeSeconds).".utf8) + message.body
            headers.add(
                name: "Tickrisk-Signature",
                value: "sha256=" + MessageSignature.hmacSHA256(of: signed, secret: secret))
        }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: message.body))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

/// Ownership: the connection's event loop.
private final class StatusHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let answer: EventLoopPromise<Int>

    init(_ answer: EventLoopPromise<Int>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes before the final answer is none.
        guard case .head(let head) = self.unwrapInboundIn(data), head.status.code >= 200 else { return }
        self.answer.succeed(Int(head.status.code))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answer.fail(WebhookCall.Failed(description: "the connection was closed without an answer"))
    }
}
