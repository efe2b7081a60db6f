// SPDX-License-Identifier: Apache-2.0
// The listening socket: bound here or handed over, and let go of without losing a connection.

import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Where connections come in.
public enum PortListener: Sendable {
    case address(host: String, port: Int)
    /// A listening socket that whoever started us holds too, so that it outlives us.
    case inherited(descriptor: Int32)
}

/// Hummingbird's server binds by address only; this one takes a socket as well.
struct PortServer: Service {
    private static let backlog: Int32 = 1024
    /// What was accepted before accepting stopped arrives within this; NIO drops a child that is being set up while its
    /// server's channel closes. What was not accepted waits with whoever holds an inherited socket.
    private static let arrival = TimeAmount.milliseconds(50)

    let listener: PortListener
    let child: OnePortChannel
    let edge: ServerEdge
    let group: any EventLoopGroup
    let logger: Logger
    let onListening: @Sendable (SocketAddress) async -> Void

    func run() async throws {
        let quiescing = ServerQuiescingHelper(group: self.group)
        let server = try await self.bind(quiescing)
        let channel = server.channel
        await withGracefulShutdownHandler {
            do { try await AcceptPause.add(to: channel, edge: self.edge) } catch {
                self.logger.error("the port cannot be watched", metadata: ["error": "\(error)"])
            }
            if let address = channel.localAddress { await self.onListening(address) }
            await self.serve(server)
        } onGracefulShutdown: {
            channel.setOption(.autoRead, value: false).whenComplete { _ in
                channel.eventLoop.scheduleTask(in: Self.arrival) { quiescing.initiateShutdown(promise: nil) }
            }
        }
    }

    private func serve(_ server: NIOAsyncChannel<OnePortChannel.Value, Never>) async {
        await withDiscardingTaskGroup { tasks in
            do {
                try await server.executeThenClose { inbound in
                    for try await value in inbound {
                        tasks.addTask { await self.child.handle(value: value, logger: self.logger) }
                    }
                }
            } catch {
                self.logger.error("the port has closed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func bind(
        _ quiescing: ServerQuiescingHelper
    ) async throws -> NIOAsyncChannel<OnePortChannel.Value, Never> {
        let child = self.child
        let logger = self.logger
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(ChannelOptions.backlog, value: Self.backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        switch self.listener {
        case .address(let host, let port):
            return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port) { child.setup(channel: $0, logger: logger) }
        case .inherited(let descriptor):
            return try await bootstrap.bind(descriptor) { child.setup(channel: $0, logger: logger) }
        }
    }
}

/// Routes behind Hummingbird's HTTP, as its application has them.
struct PortResponder<Routes: HTTPResponder>: Sendable where Routes.Context == AppRequestContext {
    /// A response that NIO's encoder refused: another one cannot follow.
    private struct ResponseNotEncoded: Error {}

    let routes: Routes
    let logger: Logger
    private let clock = FieldClock()

    init(routes: Routes, logger: Logger) {
        self.routes = routes
        self.logger = logger
    }

    func respond(
        to request: Request, writer: consuming ResponseWriter, channel: any Channel
    ) async throws {
        let context = AppRequestContext(source: .init(channel: channel, logger: self.logger))
        var response: Response
        do {
            response = try await self.routes.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            self.logger.debug("no response", metadata: ["error": "\(error)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = self.clock.text
        response.headers[.server] = "tickrisk"
        do {
            try await writer.write(response: response.head, body: response.body)
        } catch is HTTPParserError {
            throw ResponseNotEncoded()
        }
    }
}

/// The field `Date` (RFC 9110, 5.6.7), made once a second.
private final class FieldClock: Sendable {
    private let newest = Mutex<(second: time_t, text: String)>((-1, ""))

    var text: String {
        let now = time(nil)
        return self.newest.withLock { newest in
            if newest.second != now { newest = (now, Self.text(of: now)) }
            return newest.text
        }
    }

    private static func text(of second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        // Names in English whatever the locale is.
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(1900 + parts.tm_year)"
        let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(days[Int(parts.tm_wday)]), \(date) \(time) GMT"
    }
}
