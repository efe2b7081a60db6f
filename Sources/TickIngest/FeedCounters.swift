// SPDX-License-Identifier: Apache-2.0
// What a feed counts, for metrics and health.

import Synchronization
import TickFeed

/// A number one thread adds to and any thread reads.
public final class Counter: Sendable {
    private let storage = Atomic<UInt64>(0)

    package init() {}

    public var value: UInt64 { self.storage.load(ordering: .relaxed) }

    func add(_ amount: UInt64) { self.storage.wrappingAdd(amount, ordering: .relaxed) }
    func add(_ amount: Int) { self.add(UInt64(amount)) }
    func set(_ value: UInt64) { self.storage.store(value, ordering: .relaxed) }
}

/// Counters of one feed, since start.
///
/// Every tick of a message that is no duplicate is accepted or rejected; every accepted one reaches the engine or is
/// conflated.
public final class FeedCounters: Sendable {
    public let messages = Counter()
    public let heartbeats = Counter()
    /// Ticks that passed every check.
    public let ticks = Counter()
    /// Accepted ticks that a later one of the same instrument replaced while the ring was full.
    public let conflated = Counter()
    /// Messages lost between the publisher and us.
    public let missing = Counter()
    /// Messages that came again, dropped.
    public let duplicates = Counter()
    /// Changes of the publisher's epoch.
    public let restarts = Counter()
    /// Monotonic time of the last message; 0 before the first.
    public let lastMessageNanoseconds = Counter()
    private let rejected = RejectReason.allCases.map { _ in Counter() }

    package init() {}

    /// Messages (framing, json) and ticks refused for a reason.
    public func rejected(_ reason: RejectReason) -> Counter { self.rejected[reason.index] }
}
