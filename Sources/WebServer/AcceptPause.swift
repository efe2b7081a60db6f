// SPDX-License-Identifier: Apache-2.0
// Stops accepting for a moment when the system has no descriptor left.

import Foundation
import NIOCore

/// First handler of the server's own channel. NIO lets its `AcceptBackoffHandler` put off the next read, but the read
/// that failed stays pending, so a level-triggered poll comes back at once and the loop spins; taking the listener out
/// of the poll is what stops it.
///
/// Ownership: its channel's event loop.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private static let pause = TimeAmount.milliseconds(200)
    private static let exhaustions: Set<CInt> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

    private let edge: ServerEdge

    private init(edge: ServerEdge) { self.edge = edge }

    static func add(to channel: any Channel, edge: ServerEdge) async throws {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(AcceptPause(edge: edge), position: .first)
        }.get()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.exhaustions.contains(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        self.edge.acceptFailed(error)
        let channel = context.channel
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: Self.pause) { try? channel.syncOptions?.setOption(.autoRead, value: true) }
    }
}
