// SPDX-License-Identifier: Apache-2.0
// What a feed counts, for metrics and health.

import Synchronization
import TickFeed

/// A number one thread adds to and any thread reads.
public final class Counter: Sendable {
    private let storage = Atomic<UInt64>(0)

    package init() {}

    public var value: UInt64 { self.storage.load(ordering: .relaxed) }

    /// One thread adds, so a load and a store do; a locked addition costs as much as decoding a tick.
    func add(_ amount: UInt64) { self.set(self.value &+ amount) }
    func add(_ amount: Int) { self.add(UInt64(amount)) }
    func set(_ value: UInt64) { self.storage.store(value, ordering: .relaxed) }
}

/// Counters of one feed, since start.
///
/// Every message is refused, a duplicate, an ignored snapshot, or used; every tick of a used one is accepted or
/// refused; every accepted one reaches the engine, is conflated or is superseded. Messages that answer our question for
/// a snapshot come on another socket and are counted apart from ``messages``.
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
    /// Accepted ticks older than what a snapshot or a live message had told of their instrument before.
    public let superseded = Counter()
    /// Questions for a snapshot.
    public let snapshotRequests = Counter()
    /// Questions answered completely.
    public let snapshots = Counter()
    /// Messages that answered our questions, of any kind.
    public let snapshotMessages = Counter()
    /// Messages of snapshots of another epoch, or older than a gap.
    public let snapshotsIgnored = Counter()
    /// Monotonic time of the last message; 0 before the first.
    public let lastMessageNanoseconds = Counter()
    private let rejected = RejectReason.allCases.map { _ in Counter() }

    package init() {}

    /// Messages (framing, json) and ticks refused for a reason.
    public func rejected(_ reason: RejectReason) -> Counter { self.rejected[reason.index] }
}
