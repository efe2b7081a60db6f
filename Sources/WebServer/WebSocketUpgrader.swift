// SPDX-License-Identifier: Apache-2.0
// Turns an accepted handshake into a connection of ours: NIO computes the answer, the frames are our own business.

import FrameCodec
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The upgrader of a pipeline whose requests passed ``UpgradeFilter``.
package struct WebSocketUpgrader<UpgradeResult: Sendable>: NIOTypedHTTPServerProtocolUpgrader {
    package let supportedProtocol = "websocket"
    package let requiredUpgradeHeaders: [String] = []

    private let policy: UpgradePolicy
    private let handshake: NIOTypedWebSocketServerUpgrader<UpgradeResult>
    private let begin: @Sendable (any Channel, FrameEncoding, HTTPRequestHead) throws -> UpgradeResult

    /// - Parameter begin: adds the handlers of the upgraded connection, ``WebSocketConnection`` first.
    package init(
        policy: UpgradePolicy,
        begin: @escaping @Sendable (any Channel, FrameEncoding, HTTPRequestHead) throws -> UpgradeResult
    ) {
        self.policy = policy
        self.begin = begin
        self.handshake = NIOTypedWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                guard case .accept(let encoding, let isNegotiated) = policy.decide(head) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                // No Sec-WebSocket-Extensions: every extension offered is declined.
                let headers: HTTPHeaders = isNegotiated ? ["Sec-WebSocket-Protocol": encoding.rawValue] : [:]
                return channel.eventLoop.makeSucceededFuture(headers)
            },
            // Only its answer is used.
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeFailedFuture(ChannelError.inputClosed) })
    }

    package func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        self.handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    package func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        channel.eventLoop.makeCompletedFuture {
            guard case .accept(let encoding, _) = self.policy.decide(upgradeRequest) else {
                throw ChannelError.inputClosed
            }
            return try self.begin(channel, encoding, upgradeRequest)
        }
    }
}
