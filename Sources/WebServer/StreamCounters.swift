// SPDX-License-Identifier: Apache-2.0
// What the stream counts, for /metrics.

import FrameCodec
import NIOWebSocket
import Operations
import Synchronization

public final class StreamCounters: Sendable {
    public let cuts = Atomic<UInt64>(0)
    private let zstdFrames = SentFrames()
    private let deflateFrames = SentFrames()
    private let jsonFrames = SentFrames()
    /// From a cut to its frames at the sockets of a loop.
    public let sendDelays = DurationHistogram()
    /// Of the oldest tick a cut is made of, when its frames are at the sockets.
    public let sentAges = DurationHistogram()
    /// Times a client could not take a frame and was left for resynchronisation.
    public let framesSkipped = Atomic<UInt64>(0)
    public let slowClientsClosed = Atomic<UInt64>(0)
    public let clientsRefused = Atomic<UInt64>(0)
    public let closes = CloseCounters()

    public init() {}
}

extension StreamCounters {
    private final class SentFrames: Sendable {
        let frames = Atomic<UInt64>(0)
        let bytes = Atomic<UInt64>(0)
    }

    func sent(bytes: Int, encoding: FrameEncoding) {
        let counted = self.frames(of: encoding)
        counted.frames.wrappingAdd(1, ordering: .relaxed)
        counted.bytes.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    }

    /// Asked for every frame of every client: `allCases` would make an array each time.
    private func frames(of encoding: FrameEncoding) -> SentFrames {
        switch encoding {
        case .zstd: self.zstdFrames
        case .deflate: self.deflateFrames
        case .json: self.jsonFrames
        }
    }

    /// Data frames written to clients.
    public var sentByEncoding: [(encoding: FrameEncoding, frames: UInt64, bytes: UInt64)] {
        FrameEncoding.allCases.map { encoding in
            let sent = self.frames(of: encoding)
            return (encoding, sent.frames.load(ordering: .relaxed), sent.bytes.load(ordering: .relaxed))
        }
    }
}

/// Streams ended, by the code of the first Close, ours or the client's; 1006 where there was none.
public final class CloseCounters: Sendable {
    private let counts = Mutex<[UInt16: UInt64]>([:])

    func count(_ code: WebSocketErrorCode) {
        let number = UInt16(webSocketErrorCode: code)
        // A client's own codes are one: it could invent a thousand.
        let label = (1000..<3000).contains(number) || StreamCloseCode.ours.contains(number) ? number : 0
        self.counts.withLock { $0[label, default: 0] += 1 }
    }

    /// Label and count, ascending by code.
    public var samples: [(label: String, count: UInt64)] {
        self.counts.withLock { $0 }.sorted { $0.key < $1.key }.map {
            ($0.key == 0 ? "other" : String($0.key), $0.value)
        }
    }
}
