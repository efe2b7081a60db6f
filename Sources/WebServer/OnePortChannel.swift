// SPDX-License-Identifier: Apache-2.0
// One port for pages, API and stream: the first request of a connection decides what it becomes.

import DeskService
import FrameCodec
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

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

    let responder: HTTPChannelHandler.Responder
    let door: StreamDoor
    let edge: ServerEdge

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let policy = UpgradePolicy(allowedOrigins: self.door.allowedOrigins)
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Outcome>(
                upgradeConfiguration: .init(
                    upgraders: [self.upgrader(policy: policy, logger: logger)],
                    notUpgradingCompletionHandler: { channel in Self.becomeHTTP(channel, logger: logger) }))
            configuration.enablePipelining = false  // the async channel takes one request at a time
            configuration.enableErrorHandling = false  // the guard answers parser errors
            configuration.enableResponseHeaderValidation = false
            configuration.decoderConfiguration.maxHeaderFieldSize = RequestLimits.fieldBytesMax
            configuration.decoderConfiguration.maxHeaderListSize = RequestLimits.headerBytesMax
            configuration.decoderConfiguration.maxHeaderFieldCount = RequestLimits.fieldsMax
            let pipeline = channel.pipeline.syncOperations
            let bytes = RequestBytes()
            try pipeline.addHandlers([ConnectionAdmission(edge: self.edge), bytes])
            let outcome = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
            let upgradeHandler = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
            let requestGuard = RequestGuard(
                policy: self.edge.policy, timeouts: self.edge.timeouts, bytes: bytes, counters: self.edge.counters)
            try pipeline.addHandler(requestGuard, position: .before(upgradeHandler))
            let filter = UpgradeFilter(policy: policy, requestGuard: requestGuard, door: self.door)
            try pipeline.addHandler(filter, position: .before(upgradeHandler))
            return Value(channel: channel, outcome: outcome)
        }
    }

    private func upgrader(policy: UpgradePolicy, logger: Logger) -> WebSocketUpgrader<Outcome> {
        let door = self.door
        return WebSocketUpgrader(policy: policy) { channel, encoding, head in
            guard let hub = door.hub(), let identity = door.access.identity(head.shownCredential) else {
                throw ChannelError.inputClosed
            }
            let options = channel.syncOptions
            try options?.setOption(.writeBufferWaterMark, value: Self.waterMark)
            try options?.setOption(Self.unsentOption, value: .init(Self.unsentBytesMax))
            let connection = WebSocketConnection(
                limits: hub.settings.clientLimits, flushes: hub.shard(of: channel.eventLoop).flushes.value)
            try channel.pipeline.syncOperations.addHandlers([
                connection,
                StreamPeer(
                    hub: hub, encoding: encoding, connection: connection, access: door.access, identity: identity,
                    logger: logger),
            ])
            return .stream(channel)
        }
    }

    private static func becomeHTTP(_ channel: any Channel, logger: Logger) -> EventLoopFuture<Outcome> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            // It quiesces; the guard keeps the time.
            try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
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

extension HTTPRequestHead {
    var shownCredential: ShownCredential {
        ShownCredential(authorization: self.headers["authorization"], cookies: self.headers["cookie"])
    }
}
