// SPDX-License-Identifier: Apache-2.0
// Echoes every message on the daemon's own WebSocket code, for Autobahn's fuzzing client (scripts/autobahn).

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import WebServer

/// Prints `ready port=N` and serves `/ws` on loopback until it is ended.
@main
enum AutobahnEcho {
    /// Group 9 sends messages of 16 MiB, in as many as 262,144 fragments; the daemon's own limits would refuse them.
    private static let limits = WebSocketLimits(
        messageBytesMax: 16 << 20, fragmentsMax: 1 << 19, frameNanosecondsMax: 60_000_000_000)

    static func main() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in Self.setUp(channel) }
            .bind(host: "127.0.0.1", port: 0).get()
        // Not through a buffer: the script waits for it.
        FileHandle.standardOutput.write(Data("ready port=\(server.localAddress?.port ?? 0)\n".utf8))
        try await server.closeFuture.get()
    }

    private static func setUp(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let policy = UpgradePolicy(allowedOrigins: [])
            let upgrader = WebSocketUpgrader(policy: policy) { channel, _, _ in
                let connection = WebSocketConnection(limits: Self.limits, flushes: FlushRound(loop: channel.eventLoop))
                try channel.pipeline.syncOperations.addHandlers([connection, Echo(connection: connection)])
            }
            _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: NIOUpgradableHTTPServerPipelineConfiguration(
                    upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                        upgraders: [upgrader], notUpgradingCompletionHandler: { $0.close() })))
        }
    }
}

/// Ownership: its channel's event loop.
private final class Echo: ChannelInboundHandler {
    typealias InboundIn = WebSocketMessage

    private let connection: WebSocketConnection

    init(connection: WebSocketConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .text(let bytes): self.connection.write(ServerFrame.message(.text, bytes))
        case .binary(let bytes): self.connection.write(ServerFrame.message(.binary, bytes))
        }
        self.connection.flush()
    }
}
