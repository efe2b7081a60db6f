// SPDX-License-Identifier: Apache-2.0
// One port for pages, API and stream: the first request of a connection decides what it becomes.

import FrameCodec
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// A Hummingbird child channel that is either plain HTTP/1.1 or a WebSocket of the stream.
struct OnePortChannel: HTTPChannelHandler {
    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case stream(any Channel)
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    /// Unsent bytes the kernel keeps for a client: a slow one gets the newest state, not what was queued minutes ago.
    private static let unsentBytesMax = 1 << 14
    /// TCP_NOTSENT_LOWAT, which Swift's Glibc module does not show.
    private static let unsentOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 25))
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 14, high: 1 << 16)
    private static let idleTimeout = Duration.seconds(60)

    let responder: HTTPChannelHandler.Responder
    let hub: StreamHub

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let policy = UpgradePolicy(allowedOrigins: self.hub.settings.allowedOrigins)
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Outcome>(
                upgradeConfiguration: .init(
                    upgraders: [self.upgrader(policy: policy, logger: logger)],
                    notUpgradingCompletionHandler: { channel in Self.becomeHTTP(channel, logger: logger) }))
            configuration.enablePipelining = false  // the async channel takes one request at a time
            configuration.enableErrorHandling = false  // Hummingbird answers parser errors itself
            configuration.enableResponseHeaderValidation = false
            let pipeline = channel.pipeline.syncOperations
            let outcome = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
            let upgradeHandler = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
            try pipeline.addHandler(UpgradeFilter(policy: policy), position: .before(upgradeHandler))
            try pipeline.addHandler(FirstRequestGate())
            return Value(channel: channel, outcome: outcome)
        }
    }

    private func upgrader(policy: UpgradePolicy, logger: Logger) -> NIOTypedWebSocketServerUpgrader<Outcome> {
        let hub = self.hub
        return NIOTypedWebSocketServerUpgrader<Outcome>(
            maxFrameSize: UpgradePolicy.frameBytesMax,
            shouldUpgrade: { channel, head in
                guard case .accept(let encoding, let isNegotiated) = policy.decide(head) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                let headers: HTTPHeaders = isNegotiated ? ["Sec-WebSocket-Protocol": encoding.rawValue] : [:]
                return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard case .accept(let encoding, _) = policy.decide(head) else { throw ChannelError.inputClosed }
                    try Self.becomeStream(channel, hub: hub, encoding: encoding, logger: logger)
                    return .stream(channel)
                }
            })
    }

    private static func becomeStream(
        _ channel: any Channel, hub: StreamHub, encoding: FrameEncoding, logger: Logger
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let gate = try? pipeline.handler(type: FirstRequestGate.self) { pipeline.removeHandler(gate, promise: nil) }
        try channel.syncOptions?.setOption(.writeBufferWaterMark, value: self.waterMark)
        try channel.syncOptions?.setOption(self.unsentOption, value: .init(self.unsentBytesMax))
        let output = RawOutput()
        try pipeline.addHandler(output, position: .first)  // below the WebSocket encoder
        try pipeline.addHandler(StreamPeer(hub: hub, encoding: encoding, output: output, logger: logger))
    }

    private static func becomeHTTP(_ channel: any Channel, logger: Logger) -> EventLoopFuture<Outcome> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let gate = try? pipeline.handler(type: FirstRequestGate.self) {
                pipeline.removeHandler(gate, promise: nil)
            }
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.idleTimeout, logger: logger))
            return Outcome.http(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.outcome.get() {
            case .http(let channel): await self.handleHTTP(asyncChannel: channel, logger: logger)
            case .stream(let channel): try await channel.closeFuture.get()
            }
        } catch {
            logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
            value.channel.close(promise: nil)
        }
    }
}
