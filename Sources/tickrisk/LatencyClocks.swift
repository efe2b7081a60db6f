// SPDX-License-Identifier: Apache-2.0
// The three latency clocks of a load run (DESIGN.md §8).

import FrameCodec
import Histogram

/// Nanoseconds, three significant digits, up to a minute.
struct LatencyClocks {
    /// From the newest tick's intended send time to the cut that shows it.
    var tickToState = Self.histogram()
    /// From the cut to the client.
    var cutToClient = Self.histogram()
    /// Age of the newest and of the oldest tick a frame tells, when the client has it.
    var newestAge = Self.histogram()
    var oldestAge = Self.histogram()

    private static let limitNanoseconds: UInt64 = 60_000_000_000

    private static func histogram() -> Histogram<UInt64> {
        Histogram(highestTrackableValue: Self.limitNanoseconds, numberOfSignificantValueDigits: .three)
    }

    mutating func record(_ head: FrameHead, receivedNanoseconds: UInt64) {
        Self.record(from: head.cutNanoseconds, to: receivedNanoseconds, in: &self.cutToClient)
        if let newest = head.newestNanoseconds {
            Self.record(from: newest, to: head.cutNanoseconds, in: &self.tickToState)
            Self.record(from: newest, to: receivedNanoseconds, in: &self.newestAge)
        }
        if let oldest = head.oldestNanoseconds {
            Self.record(from: oldest, to: receivedNanoseconds, in: &self.oldestAge)
        }
    }

    /// Clocks of one machine; a step backwards counts as no time at all, more than a minute as a minute.
    private static func record(from start: UInt64, to end: UInt64, in histogram: inout Histogram<UInt64>) {
        histogram.record(min(end > start ? end - start : 0, Self.limitNanoseconds))
    }

    mutating func add(_ other: LatencyClocks) {
        self.tickToState.add(other.tickToState)
        self.cutToClient.add(other.cutToClient)
        self.newestAge.add(other.newestAge)
        self.oldestAge.add(other.oldestAge)
    }

    var rows: [(name: String, histogram: Histogram<UInt64>)] {
        [
            ("tick to state", self.tickToState), ("cut to client", self.cutToClient),
            ("newest tick age at client", self.newestAge), ("oldest tick age at client", self.oldestAge),
        ]
    }
}
