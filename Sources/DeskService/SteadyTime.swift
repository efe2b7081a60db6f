// SPDX-License-Identifier: Apache-2.0
// Stamps of the desk's decisions, which never go back, also where somebody sets the system's clock back. Pure.

/// The wall clock; after a step back its own latest time, which goes on at half the pace until the wall clock is there.
///
/// Were it to stand still meanwhile, no order would leave the window of the rate limit; at the full pace it would be
/// ahead for ever.
package struct SteadyTime: Sendable {
    private var latest: UInt64
    private var monotonic: UInt64?
    /// Whether the wall clock was set back and is not there yet.
    private var isAhead = false

    /// - Parameter latest: of an earlier process, say; stamps begin there.
    package init(latestNanoseconds latest: UInt64 = 0) { self.latest = latest }

    package mutating func time(wallNanoseconds wall: UInt64, monotonicNanoseconds now: UInt64) -> UInt64 {
        let elapsed = self.monotonic.map { now > $0 ? now - $0 : 0 } ?? 0
        self.monotonic = now
        if wall < self.latest { self.isAhead = true }
        let own = self.isAhead ? self.latest + elapsed / 2 : self.latest
        if wall >= own { self.isAhead = false }
        self.latest = max(wall, own)
        return self.latest
    }
}
