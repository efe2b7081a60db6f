// SPDX-License-Identifier: Apache-2.0
// From a message's bytes to the engine's ring, without socket or clock.

import RiskDomain
import RiskKernel
import TickFeed

/// Decodes, tracks the sequence, counts, and hands batches to the ring; conflates while the ring is full.
///
/// Ownership: its ingest thread (docs/ownership.md, "ring slots").
package struct FeedIntake {
    /// What a message changed that people should hear about.
    package enum Event: Equatable {
        /// The first message with a sequence; what the publisher sent before is unknown.
        case contact
        case gap(missing: UInt64)
        case restart(missing: UInt64)
    }

    private let ring: TickRing
    private let counters: FeedCounters
    private var decoder: TickDecoder
    /// Of a directory the engine has not been told of yet, before anything else.
    private var owedDirectory: UInt64?
    private var tracker = SequenceTracker()
    private var batch = TickBatch()
    private var waiting: ConflationTable
    private var known: KnownSequences
    /// A snapshot that includes this sequence of the current epoch includes everything that was missed.
    private var missedSequence: UInt64 = 0

    /// A snapshot further ahead of us is not of this feed.
    private static let aheadMax: UInt64 = 1 << 20

    package init(ring: TickRing, counters: FeedCounters, directory: InstrumentDirectory) {
        self.ring = ring
        self.counters = counters
        self.decoder = TickDecoder(directory: directory)
        self.waiting = ConflationTable(instrumentCount: directory.instruments.count)
        self.known = KnownSequences(instrumentCount: directory.instruments.count)
    }

    /// Whether something waits for room in the ring.
    package var isConflating: Bool { !self.waiting.isEmpty || self.owedDirectory != nil }

    /// From the next message on instruments are found in, and counted by, another directory.
    ///
    /// - Parameter number: by which the engine knows it.
    package mutating func follow(_ directory: InstrumentDirectory, number: UInt64) {
        let indices = self.decoder.directory.indices(in: directory)
        let count = directory.instruments.count
        self.decoder = TickDecoder(directory: directory)
        self.waiting.translate(indices, instrumentCount: count)
        self.known.translate(indices, instrumentCount: count)
        self.owedDirectory = number
        _ = self.flush()
    }

    /// Takes one message.
    ///
    /// - Parameter receivedNanoseconds: since 1970; looked at where the message does not say when it was sent.
    package mutating func take(
        _ payload: UnsafeRawBufferPointer, receivedNanoseconds: @autoclosure () -> UInt64
    ) -> Event? {
        self.counters.messages.add(1)
        switch self.decoder.decodeHead(payload) {
        case .failure(let reason):
            self.counters.rejected(reason).add(1)
            return nil
        case .success(let head):
            if head.kind == .snapshot {
                _ = self.takeSnapshot(payload, head: head, receivedNanoseconds: receivedNanoseconds())
                return nil
            }
            let sent = Self.sentNanoseconds(of: head) ?? receivedNanoseconds()
            guard let sequence = head.sequence else {
                if head.count == 0 { self.counters.heartbeats.add(1) }
                if self.decode(payload, head: head) { self.handOver(self.batch.ticks, sentNanoseconds: sent) }
                return nil
            }
            return self.takeLive(payload, head: head, sequence: sequence, sentNanoseconds: sent)
        }
    }

    /// Takes one message that came because we asked for a snapshot.
    package mutating func takeAnswer(
        _ payload: UnsafeRawBufferPointer, receivedNanoseconds: UInt64
    ) -> SnapshotExchange.Part {
        self.counters.snapshotMessages.add(1)
        switch self.decoder.decodeHead(payload) {
        case .success(let head) where head.kind == .snapshot:
            return self.takeSnapshot(payload, head: head, receivedNanoseconds: receivedNanoseconds)
        case .success: self.counters.rejected(.framing).add(1)
        case .failure(let reason): self.counters.rejected(reason).add(1)
        }
        return .refused
    }

    /// A message the socket refused before its payload could be seen.
    package mutating func reject(_ reason: RejectReason) {
        self.counters.messages.add(1)
        self.counters.rejected(reason).add(1)
    }

    /// An answer the socket refused before its payload could be seen.
    package mutating func rejectAnswer(_ reason: RejectReason) -> SnapshotExchange.Part {
        self.counters.snapshotMessages.add(1)
        self.counters.rejected(reason).add(1)
        return .refused
    }

    /// `nil` where the publisher does not say.
    private static func sentNanoseconds(of head: MessageHead) -> UInt64? {
        head.sentNanoseconds.flatMap { $0 == 0 ? nil : $0 }
    }

    private mutating func takeLive(
        _ payload: UnsafeRawBufferPointer, head: MessageHead, sequence: UInt64, sentNanoseconds: UInt64
    ) -> Event? {
        let isFirst = self.tracker.position == nil
        var event: Event?
        switch self.tracker.accept(epoch: head.epoch ?? 0, sequence: sequence) {
        case .duplicate:
            self.counters.duplicates.add(1)
            return nil
        case .inOrder:
            if isFirst {
                event = .contact
                self.missedSequence = sequence == 0 ? 0 : sequence - 1
            }
        case .gap(let missing):
            event = .gap(missing: missing)
            self.missedSequence = sequence - 1
            self.lost(missing)
        case .restart(let missing):
            event = .restart(missing: missing)
            self.missedSequence = sequence == 0 ? 0 : sequence - 1
            self.known.beginRun()
            self.counters.restarts.add(1)
            if missing > 0 { self.lost(missing) }
        }
        if head.count == 0 { self.counters.heartbeats.add(1) }
        if self.decode(payload, head: head) {
            if let news = self.known.news(ofLive: self.batch.ticks, sequence: sequence) {
                self.handOver(news: news, sentNanoseconds: sentNanoseconds)
            } else {
                self.handOver(self.batch.ticks, sentNanoseconds: sentNanoseconds)
            }
        }
        return event
    }

    /// A snapshot does not move the sequence. It must be of the current epoch and include what was missed.
    private mutating func takeSnapshot(
        _ payload: UnsafeRawBufferPointer, head: MessageHead, receivedNanoseconds: UInt64
    ) -> SnapshotExchange.Part {
        guard let position = self.tracker.position, let sequence = head.sequence, head.epoch == position.epoch,
            sequence >= self.missedSequence,
            sequence <= position.sequence || sequence - position.sequence < Self.aheadMax
        else {
            self.counters.snapshotsIgnored.add(1)
            return .ignored(isLast: head.isLastOfSnapshot)
        }
        if self.decode(payload, head: head) {
            self.handOver(
                news: self.known.news(ofSnapshot: self.batch.ticks, sequence: sequence),
                sentNanoseconds: Self.sentNanoseconds(of: head) ?? receivedNanoseconds)
        }
        return .used(isLast: head.isLastOfSnapshot)
    }

    /// Decodes the ticks and counts them; false when none was accepted.
    private mutating func decode(_ payload: UnsafeRawBufferPointer, head: MessageHead) -> Bool {
        guard head.count > 0 else { return false }
        self.decoder.decodeTicks(payload, head: head, into: &self.batch)
        if self.batch.rejected.total > 0 {
            for reason in RejectReason.allCases where self.batch.rejected[reason] > 0 {
                self.counters.rejected(reason).add(self.batch.rejected[reason])
            }
        }
        self.counters.ticks.add(self.batch.ticks.count)
        return !self.batch.ticks.isEmpty
    }

    private mutating func handOver(news: [Tick], sentNanoseconds: UInt64) {
        self.counters.superseded.add(self.batch.ticks.count - news.count)
        if !news.isEmpty { self.handOver(news, sentNanoseconds: sentNanoseconds) }
    }

    private mutating func handOver(_ ticks: [Tick], sentNanoseconds: UInt64) {
        if self.flush(), self.push(ticks, oldest: sentNanoseconds, newest: sentNanoseconds) { return }
        let replaced = self.waiting.add(ticks, sentNanoseconds: sentNanoseconds)
        self.counters.conflated.add(replaced)
    }

    private mutating func lost(_ missing: UInt64) {
        self.counters.missing.add(missing)
        self.waiting.addGap()
        _ = self.flush()
    }

    /// Moves what waits into the ring, in order: another directory, ticks before the gap, the gap, ticks after it. True
    /// when nothing waits any more.
    package mutating func flush() -> Bool {
        if let number = self.owedDirectory {
            guard self.ring.pushDirectory(number) else { return false }
            self.owedDirectory = nil
        }
        if self.waiting.isEmpty { return true }
        let limit = self.ring.capacity / 2
        if self.waiting.hasGap {
            while true {
                let before = self.waiting.ticksBeforeGap(limit: limit)
                if before.isEmpty { break }
                guard self.pushWaiting(before) else { return false }
            }
            guard self.ring.pushGap() else { return false }
            self.waiting.removeGap()
        }
        while true {
            let ticks = self.waiting.ticks(limit: limit)
            if ticks.isEmpty { return true }
            guard self.pushWaiting(ticks) else { return false }
        }
    }

    private mutating func pushWaiting(_ ticks: [Tick]) -> Bool {
        let isPushed = self.push(
            ticks, oldest: self.waiting.oldestNanoseconds, newest: self.waiting.newestNanoseconds)
        if isPushed { self.waiting.remove(ticks) }
        return isPushed
    }

    private func push(_ ticks: [Tick], oldest: UInt64, newest: UInt64) -> Bool {
        ticks.withUnsafeBufferPointer {
            self.ring.push($0, oldestNanoseconds: oldest, newestNanoseconds: newest)
        }
    }
}
