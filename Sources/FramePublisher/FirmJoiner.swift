// SPDX-License-Identifier: Apache-2.0
// Publishes the firm of a fleet: stands between the publisher and whoever takes cuts.

import FrameCodec
import Logging
import Operations
import RiskDomain
import RiskKernel
import Synchronization

/// Who takes parts of the firm from other units, from one thread; must not wait.
public protocol FirmPartSink: Sendable {
    func take(_ part: FirmPart, partition: Int)
    /// Nothing is heard of the partition any more.
    func lose(partition: Int)
}

/// Passes cuts on, but for the firm's: that is one part of several here, and the sum of them is published instead, on a
/// thread of its own, `tr-firm`.
///
/// Ownership: the one writer of the channel `firm` (docs/ownership.md). Parts are put down under a lock held for that.
public final class FirmJoiner: CutSink, FirmPartSink {
    /// How long a start waits for parts that nothing is known of yet: as long as one may be silent.
    private static let patienceNanoseconds: UInt64 = 3_000_000_000
    private static let sleepLimitNanoseconds: UInt64 = 100_000_000

    private enum Word: Sendable {
        case part(FirmPart)
        case lost
    }

    private let join: FirmJoin
    private let house: Int
    private let floor: UInt64
    private let intervalNanoseconds: UInt64
    private let sink: any CutSink
    private let logger: Logger
    /// By partition, since the thread looked last.
    private let inbox = Mutex<[Int: Word]>([:])
    private let parker = Parker()
    private let thread = RoleThread(name: "tr-firm")
    private let absences = Mutex<[Int: String]>([:])

    /// - Parameters:
    ///   - accounts: all of the firm, ascending by identifier.
    ///   - house: the partition whose cuts pass here.
    ///   - floor: the firm's sequences are above this.
    ///   - sink: takes everything but the firm from the publisher's thread, the firm from the joiner's.
    public init(
        accounts: [FirmAccount], partitionCount: Int, house: Int = 0, convention: RiskConvention, floor: UInt64,
        sink: any CutSink, logger: Logger
    ) {
        self.join = FirmJoin(accounts: accounts, partitionCount: partitionCount, house: house, convention: convention)
        self.house = house
        self.floor = floor
        self.intervalNanoseconds = convention.cutIntervalNanoseconds
        self.sink = sink
        self.logger = logger
    }

    /// Partitions the newest sum is without, and why.
    public var missing: [Int: String] { self.absences.withLock { $0 } }

    public var families: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "tickrisk_firm_partitions_missing", "Partitions with accounts that the firm is without.",
                Double(self.missing.count))
        ]
    }

    public func start() { self.thread.start { self.run() } }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.parker.wake) }

    // MARK: What comes

    public func isWanted(channel: Int) -> Bool { self.sink.isWanted(channel: channel) }

    public func publish(_ cuts: [ChannelCut]) {
        let others = cuts.filter { $0.channel != ChannelCatalog.firm }
        if !others.isEmpty { self.sink.publish(others) }
        for part in cuts.lazy.filter({ $0.channel == ChannelCatalog.firm }).compactMap(FirmPart.init) {
            self.take(part, partition: self.house)
        }
    }

    public func take(_ part: FirmPart, partition: Int) {
        self.inbox.withLock { inbox in
            if case .part(let earlier) = inbox[partition] {
                inbox[partition] = .part(part.stamped(after: earlier))
            } else {
                inbox[partition] = .part(part)
            }
        }
        self.parker.wake()
    }

    public func lose(partition: Int) {
        self.inbox.withLock { $0[partition] = .lost }
        self.parker.wake()
    }

    // MARK: The thread

    private func run() {
        var channel = JoinedChannel(
            join: self.join, floor: self.floor, intervalNanoseconds: self.intervalNanoseconds,
            patienceNanoseconds: Self.patienceNanoseconds, nowNanoseconds: MonotonicClock.nowNanoseconds)
        while !self.thread.isStopping {
            let words = self.inbox.withLock { inbox in
                defer { inbox = [:] }
                return inbox
            }
            for (partition, word) in words {
                switch word {
                case .part(let part): channel.take(part, partition: partition)
                case .lost: channel.lose(partition: partition)
                }
            }
            let now = MonotonicClock.nowNanoseconds
            let cut = channel.cut(
                isWanted: self.sink.isWanted(channel: ChannelCatalog.firm), nowNanoseconds: now,
                wallNanoseconds: WallClock.nowNanoseconds)
            if let cut { self.sink.publish([cut]) }
            self.note(channel)
            self.sleep(until: channel.dueNanoseconds, nowNanoseconds: now)
        }
    }

    /// Sleeps unless something came, or a cut is due.
    private func sleep(until due: UInt64?, nowNanoseconds now: UInt64) {
        let left = due.map { $0 > now ? min($0 - now, Self.sleepLimitNanoseconds) : 1 } ?? Self.sleepLimitNanoseconds
        self.parker.sleep(timeoutNanoseconds: left) {
            self.thread.isStopping || !self.inbox.withLock(\.isEmpty)
        }
    }

    private func note(_ channel: JoinedChannel) {
        let absences = Dictionary(
            uniqueKeysWithValues: channel.missing.map { partition in
                (partition, channel.refusals[partition].map { "it has other \($0.rawValue)" } ?? "no unit is heard")
            })
        let before = self.absences.withLock { known in
            defer { known = absences }
            return known
        }
        for (partition, reason) in absences.sorted(by: { $0.key < $1.key }) where before[partition] != reason {
            self.logger.warning(
                "the firm is without a partition", metadata: ["partition": "\(partition)", "reason": "\(reason)"])
        }
        for partition in before.keys.sorted() where absences[partition] == nil {
            self.logger.notice("the firm has a partition again", metadata: ["partition": "\(partition)"])
        }
    }
}
