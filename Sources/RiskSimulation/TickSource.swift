// SPDX-License-Identifier: Apache-2.0
// What a publisher of simulated ticks draws from.

import RiskDomain

/// An endless or finite stream of ticks over fixed instruments, the same for the same seed.
///
/// A source is a value: its user mutates it from one thread at a time, and a copy continues independently.
public protocol TickSource: Sendable {
    /// In index order: `tick.instrument` addresses this array.
    var instruments: [Instrument] { get }

    /// The next tick, with bid, ask and last; `nil` once the source has ended. Does not allocate.
    mutating func next() -> Tick?

    /// Overwrites `batch` from its start and returns how many ticks were written: fewer than it holds only at the end.
    /// Does not allocate when `batch` is uniquely referenced.
    mutating func next(into batch: inout [Tick]) -> Int
}

extension TickSource {
    public mutating func next(into batch: inout [Tick]) -> Int {
        for index in batch.indices {
            guard let tick = self.next() else { return index }
            batch[index] = tick
        }
        return batch.count
    }
}
