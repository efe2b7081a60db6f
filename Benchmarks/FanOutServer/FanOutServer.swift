// SPDX-License-Identifier: Apache-2.0
// The daemon's way of writing one frame to many clients, alone: every `next` is broadcast as a payload to everyone.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import WebServer

/// `FanOutServer BYTES` prints `ready port=N` and serves `/ws` on loopback until it is ended. One event loop, as the
/// peers have; the frame is built once a broadcast, written with the daemon's connection handler, and flushed as the
/// daemon does.
@main
enum FanOutServer {
    private static let limits = WebSocketLimits(
        messageBytesMax: 1 << 16, fragmentsMax: 64, frameNanosecondsMax: 60_000_000_000)

    static func main() async throws {
        guard CommandLine.arguments.count == 2, let bytes = Int(CommandLine.arguments[1]), bytes > 0 else {
            FileHandle.standardError.write(Data("usage: FanOutServer BYTES\n".utf8))
            exit(2)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.any()
        let clients = NIOLoopBoundBox<[WebSocketConnection]>.makeBoxSendingValue([], eventLoop: loop)
        let flushes = NIOLoopBoundBox.makeBoxSendingValue(FlushRound(loop: loop), eventLoop: loop)
        let payload = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                Self.setUp(channel, clients: clients, flushes: flushes, payload: payload)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        // Not through a buffer: whoever measures waits for it.
        FileHandle.standardOutput.write(Data("ready port=\(server.localAddress?.port ?? 0)\n".utf8))
        try await server.closeFuture.get()
    }

    private static func setUp(
        _ channel: any Channel, clients: NIOLoopBoundBox<[WebSocketConnection]>,
        flushes: NIOLoopBoundBox<FlushRound>, payload: [UInt8]
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let policy = UpgradePolicy(allowedOrigins: [])
            let upgrader = WebSocketUpgrader(policy: policy) { channel, _, _ in
                let connection = WebSocketConnection(limits: Self.limits, flushes: flushes.value)
                clients.value.append(connection)
                try channel.pipeline.syncOperations.addHandlers([
                    connection, Broadcaster(clients: clients, payload: payload),
                ])
            }
            _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: NIOUpgradableHTTPServerPipelineConfiguration(
                    upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                        upgraders: [upgrader], notUpgradingCompletionHandler: { $0.close() })))
        }
    }
}

/// Ownership: its channel's event loop.
private final class Broadcaster: ChannelInboundHandler {
    typealias InboundIn = WebSocketMessage

    private let clients: NIOLoopBoundBox<[WebSocketConnection]>
    private let payload: [UInt8]

    init(clients: NIOLoopBoundBox<[WebSocketConnection]>, payload: [UInt8]) {
        self.clients = clients
        self.payload = payload
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = ServerFrame.message(.binary, self.payload)
        for client in self.clients.value {
            client.write(frame)
            client.flush()
        }
    }
}
