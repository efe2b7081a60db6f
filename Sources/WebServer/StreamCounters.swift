// SPDX-License-Identifier: Apache-2.0
// What the stream counts, for /metrics.

import NIOWebSocket
import Synchronization

public final class StreamCounters: Sendable {
    public let cuts = Atomic<UInt64>(0)
    public let framesSent = Atomic<UInt64>(0)
    public let bytesSent = Atomic<UInt64>(0)
    /// Times a client could not take a frame and was left for resynchronisation.
    public let framesSkipped = Atomic<UInt64>(0)
    public let slowClientsClosed = Atomic<UInt64>(0)
    public let clientsRefused = Atomic<UInt64>(0)
    public let closes = CloseCounters()
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
