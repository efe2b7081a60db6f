// SPDX-License-Identifier: Apache-2.0
// One request to another node over a connection of its own, and its answer part by part, as fast as it is taken.

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// Where a node answers.
public struct UpstreamAddress: Sendable, Equatable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// Why an exchange came to nothing.
enum UpstreamFailure: Error {
    /// Nothing more came in time.
    case silent
    /// The connection ended before the answer did.
    case ended
}

/// Let go of, it closes the connection, whatever was under way.
///
/// Ownership: any task, one at a time; the parts are kept on the connection's event loop.
final class UpstreamExchange: Sendable {
    private static let connectLimit = TimeAmount.seconds(3)

    private let channel: any Channel
    private let parts: NIOLoopBound<UpstreamParts>
    private let limit: TimeAmount

    private init(channel: any Channel, parts: NIOLoopBound<UpstreamParts>, limit: TimeAmount) {
        self.channel = channel
        self.parts = parts
        self.limit = limit
    }

    deinit { self.channel.close(promise: nil) }

    /// - Parameter limit: for each part to come.
    static func open(
        _ address: UpstreamAddress, limit: TimeAmount, group: any EventLoopGroup
    ) async throws -> UpstreamExchange {
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(Self.connectLimit)
            // Only what is asked for is read: a client that takes slowly slows the node, and fills no memory here.
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandlers([HTTP1ToHTTPClientCodec(), UpstreamParts()])
                }
            }
        let channel = try await bootstrap.connect(host: address.host, port: address.port).get()
        let parts = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: UpstreamParts.self),
                eventLoop: channel.eventLoop)
        }.get()
        return UpstreamExchange(channel: channel, parts: parts, limit: limit)
    }

    /// A part that goes out with the last one.
    func write(_ part: HTTPRequestPart) { self.channel.write(part, promise: nil) }

    /// The request is complete. A node that has answered and closed before it read the end of it is no failure here:
    /// what it said is read next.
    func finish() { self.channel.writeAndFlush(HTTPRequestPart.end(nil), promise: nil) }

    /// The next part of the answer; `nil` after the last.
    func next() async throws -> HTTPResponsePart? {
        let promise = self.channel.eventLoop.makePromise(of: HTTPResponsePart?.self)
        let timeout = self.channel.eventLoop.scheduleTask(in: self.limit) { promise.fail(UpstreamFailure.silent) }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        let parts = self.parts
        self.channel.eventLoop.execute { parts.value.demand(promise) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}

/// Keeps the parts of an answer that were read and not asked for: those of one read at most.
///
/// Ownership: its channel's event loop.
private final class UpstreamParts: ChannelInboundHandler {
    typealias InboundIn = HTTPResponsePart

    private var context: ChannelHandlerContext?
    private var parts: [HTTPResponsePart] = []
    private var isComplete = false
    private var waiting: EventLoopPromise<HTTPResponsePart?>?
    private var failure: (any Error)?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func demand(_ promise: EventLoopPromise<HTTPResponsePart?>) {
        if !self.parts.isEmpty { return promise.succeed(self.parts.removeFirst()) }
        if self.isComplete { return promise.succeed(nil) }
        guard let context, self.failure == nil else { return promise.fail(self.failure ?? UpstreamFailure.ended) }
        self.waiting = promise
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        if case .end = part {
            self.isComplete = true
            self.waiting?.succeed(nil)
            self.waiting = nil
            context.close(promise: nil)
        } else if let waiting {
            self.waiting = nil
            waiting.succeed(part)
        } else {
            self.parts.append(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Half a header, say.
        if self.waiting != nil { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { self.fail(UpstreamFailure.ended) }

    private func fail(_ error: any Error) {
        if self.failure == nil { self.failure = error }
        self.waiting?.fail(error)
        self.waiting = nil
    }
}
