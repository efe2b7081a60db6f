// SPDX-License-Identifier: Apache-2.0
// `tickrisk watch`: a channel as a live table in the terminal.

import ArgumentParser
import FrameCodec
import NIOCore
import NIOPosix
import Synchronization

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows a channel as a live table: market, firm, or account:ID.",
        discussion: "In a pipe the table is printed once a frame; with --json each state is a line of JSON.")

    @Argument(help: "The daemon, as in ws://127.0.0.1:8080/ws.")
    var url: String
    @Option(help: "market, firm or account:ID.")
    var channel = "market"
    @Flag(help: "Print every state as one line of JSON.")
    var json = false
    @Option(help: "End after this many frames.")
    var frames: Int?

    @OptionGroup var credential: DaemonCredential

    func run() async throws {
        let address = try StreamAddress(url: self.url)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (outcomes, continuation) = AsyncThrowingStream<WatchEvent, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(1_000))
        let channel = try await StreamClient.connect(
            to: address, encoding: .zstd, authorization: try self.credential.authorization(), group: group
        ) {
            WatchListener(continuation: continuation)
        }
        try await StreamClient.send(try ServerText.subscribe([self.channel]), on: channel)
        var shown = 0
        for try await event in outcomes {
            switch event {
            case .frame(let frame):
                self.show(frame)
                shown += 1
            case .refused(let message): throw Failure("\(self.channel): \(message)")
            case .closed(let code):
                throw Failure("the stream ended\(code.map { " with code \($0)" } ?? "")")
            }
            if shown == self.frames { break }
        }
        try? await channel.close()
        try await group.shutdownGracefully()
    }

    private func show(_ frame: DecodedFrame) {
        if self.json {
            print(String(decoding: frame.state.jsonData(), as: UTF8.self))
        } else {
            let start = Terminal.isOutputInteractive ? Terminal.clearScreen : ""
            print(start + StateTable.text(of: frame))
        }
        fflushStandardOutput()
    }
}

enum WatchEvent: Sendable {
    case frame(DecodedFrame)
    case refused(String)
    case closed(UInt16?)
}

/// Ownership: its connection's event loop.
private final class WatchListener: StreamListener {
    private let decoder = FrameDecoder()
    private let continuation: AsyncThrowingStream<WatchEvent, any Error>.Continuation

    init(continuation: AsyncThrowingStream<WatchEvent, any Error>.Continuation) { self.continuation = continuation }

    func received(text: String) {
        guard let message = ServerText(text), message.type == "error" else { return }
        self.continuation.yield(.refused(message.message ?? message.code ?? "refused"))
    }

    func received(binary: ByteBuffer, receivedNanoseconds: UInt64) {
        do {
            self.continuation.yield(.frame(try self.decoder.decode(Array(buffer: binary))))
        } catch {
            self.continuation.finish(throwing: Failure("bad frame: \(error)"))
        }
    }

    func closed(code: UInt16?) { self.continuation.yield(.closed(code)) }
}
