// SPDX-License-Identifier: Apache-2.0
// What is written in one turn of the loop goes out in one flush.

import NIOCore
import NIOEmbedded
import Testing
import WebServer

@Suite struct FlushRoundTests {
    private final class FlushCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private(set) var count = 0

        func flush(context: ChannelHandlerContext) {
            self.count += 1
            context.flush()
        }
    }

    private struct Rig {
        let channel = EmbeddedChannel()
        let counter = FlushCounter()
        let connections: [WebSocketConnection]

        init(connectionCount: Int = 1) throws {
            let limits = WebSocketLimits(messageBytesMax: 1 << 10, fragmentsMax: 4, frameNanosecondsMax: 1_000_000_000)
            let round = FlushRound(loop: self.channel.embeddedEventLoop)
            self.connections = (0..<connectionCount).map { _ in WebSocketConnection(limits: limits, flushes: round) }
            let pipeline = self.channel.pipeline.syncOperations
            try pipeline.addHandler(self.counter)
            for connection in self.connections { try pipeline.addHandler(connection) }
        }

        func written() throws -> [String] {
            var texts: [String] = []
            while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
                texts.append(String(buffer: buffer))
            }
            return texts
        }
    }

    @Test func whatIsWrittenInOneTurnGoesOutInOneFlush() throws {
        let rig = try Rig()
        for text in ["one", "two", "three"] {
            rig.connections[0].write(ByteBuffer(string: text))
            rig.connections[0].flush()
        }
        #expect(rig.counter.count == 0)
        #expect(try rig.written().isEmpty)
        rig.channel.embeddedEventLoop.run()
        #expect(rig.counter.count == 1)
        #expect(try rig.written() == ["one", "two", "three"])
    }

    @Test func theNextTurnFlushesAgain() throws {
        let rig = try Rig()
        for text in ["one", "two"] {
            rig.connections[0].write(ByteBuffer(string: text))
            rig.connections[0].flush()
            rig.channel.embeddedEventLoop.run()
        }
        #expect(rig.counter.count == 2)
        #expect(try rig.written() == ["one", "two"])
    }

    @Test func everyConnectionOfTheLoopIsFlushedInItsTurn() throws {
        let rig = try Rig(connectionCount: 3)
        for connection in rig.connections + rig.connections { connection.flush() }
        rig.channel.embeddedEventLoop.run()
        #expect(rig.counter.count == 3)
    }

    @Test func aConnectionThatIsGoneIsPassedOver() throws {
        let rig = try Rig()
        _ = try rig.channel.finish()
        rig.connections[0].write(ByteBuffer(string: "late"))
        rig.connections[0].flush()
        rig.channel.embeddedEventLoop.run()
        #expect(rig.counter.count == 0)
    }
}
