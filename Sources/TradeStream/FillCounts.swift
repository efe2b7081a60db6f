// SPDX-License-Identifier: Apache-2.0
// What the reader of fills has seen, for metrics and readiness.

public struct FillCounts: Sendable, Equatable {
    public struct Partition: Sendable, Equatable {
        /// Of the next message to be booked; `nil` before the first where nothing was booked ever.
        public var position: Int64?
        /// Messages written and not booked; `nil` until a broker has said how many there are.
        public var lag: Int64?
    }

    /// Those that are read here, by number.
    public var partitions: [Int32: Partition] = [:]
    public var acceptedCount: UInt64 = 0
    public var repeatedCount: UInt64 = 0
    /// By reason; every reason has its entry.
    public var rejectedCounts: [String: UInt64] = Dictionary(
        uniqueKeysWithValues: FillFault.reasons.map { ($0, 0) })
    /// Rejected messages no broker took; they stand in the log, and at their place in the topic.
    public var unplacedCount: UInt64 = 0
    /// Rebalances of the group that gave or took partitions.
    public var rebalanceCount: UInt64 = 0
    /// Times partitions were paused because the desk could not follow.
    public var pauseCount: UInt64 = 0
    /// Why nothing is read; `nil` while all is well.
    public var stall: String?
    /// Partitions whose next message is gone, with what was said of it.
    public var lost: [Int32: String] = [:]
    /// Brokers with an open connection; `nil` before the first statistics.
    public var brokersUp: Int?

    public init() {}
}
