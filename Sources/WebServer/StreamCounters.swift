// SPDX-License-Identifier: Apache-2.0
// What the stream counts, for /metrics.

import Synchronization

public final class StreamCounters: Sendable {
    public let cuts = Atomic<UInt64>(0)
    public let framesSent = Atomic<UInt64>(0)
    public let bytesSent = Atomic<UInt64>(0)
    /// Times a client could not take a frame and was left for resynchronisation.
    public let framesSkipped = Atomic<UInt64>(0)
    public let slowClientsClosed = Atomic<UInt64>(0)
    public let clientsRefused = Atomic<UInt64>(0)
}
