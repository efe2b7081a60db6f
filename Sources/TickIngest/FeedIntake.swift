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
        case gap(missing: UInt64)
        case restart(missing: UInt64)
    }

    private let ring: TickRing
    private let counters: FeedCounters
    private let decoder: TickDecoder
    private var tracker = SequenceTracker()
    private var batch = TickBatch()
    private var waiting: ConflationTable

    package init(ring: TickRing, counters: FeedCounters, directory: InstrumentDirectory) {
        self.ring = ring
        self.counters = counters
        self.decoder = TickDecoder(directory: directory)
        self.waiting = ConflationTable(instrumentCount: directory.instruments.count)
    }

    /// Whether ticks wait for room in the ring.
    package var isConflating: Bool { !self.waiting.isEmpty }

    /// Takes one message.
    ///
    /// - Parameter receivedNanoseconds: since 1970; stands in where the message does not say when it was sent.
    package mutating func take(_ payload: UnsafeRawBufferPointer, receivedNanoseconds: UInt64) -> Event? {
        self.counters.messages.add(1)
        switch self.decoder.decodeHead(payload) {
        case .failure(let reason):
            self.counters.rejected(reason).add(1)
            return nil
        case .success(let head):
            let event: Event?
            switch self.judge(head) {
            case .duplicate:
                self.counters.duplicates.add(1)
                return nil
            case .inOrder: event = nil
            case .gap(let missing):
                event = .gap(missing: missing)
                self.lost(missing)
            case .restart(let missing):
                event = .restart(missing: missing)
                self.counters.restarts.add(1)
                if missing > 0 { self.lost(missing) }
            }
            self.takeTicks(payload, head: head, receivedNanoseconds: receivedNanoseconds)
            return event
        }
    }

    /// A message the socket refused before its payload could be seen.
    package mutating func reject(_ reason: RejectReason) {
        self.counters.messages.add(1)
        self.counters.rejected(reason).add(1)
    }

    private mutating func judge(_ head: MessageHead) -> SequenceVerdict {
        guard let epoch = head.epoch, let sequence = head.sequence else { return .inOrder }
        guard head.kind != .snapshot else {
            // A snapshot does not move the sequence; one that is older than what we have must not turn prices back.
            guard let position = self.tracker.position, position.epoch == epoch else { return .inOrder }
            return sequence >= position.sequence ? .inOrder : .duplicate
        }
        return self.tracker.accept(epoch: epoch, sequence: sequence)
    }

    private mutating func takeTicks(
        _ payload: UnsafeRawBufferPointer, head: MessageHead, receivedNanoseconds: UInt64
    ) {
        if head.count == 0 {
            self.counters.heartbeats.add(1)
            return
        }
        self.decoder.decodeTicks(payload, head: head, into: &self.batch)
        if self.batch.rejected.total > 0 {
            for reason in RejectReason.allCases where self.batch.rejected[reason] > 0 {
                self.counters.rejected(reason).add(self.batch.rejected[reason])
            }
        }
        guard !self.batch.ticks.isEmpty else { return }
        self.counters.ticks.add(self.batch.ticks.count)
        let sent = head.sentNanoseconds.flatMap { $0 == 0 ? nil : $0 } ?? receivedNanoseconds
        self.handOver(sentNanoseconds: sent)
    }

    private mutating func handOver(sentNanoseconds: UInt64) {
        if self.flush(), self.push(self.batch.ticks, oldest: sentNanoseconds, newest: sentNanoseconds) { return }
        let replaced = self.waiting.add(self.batch.ticks, sentNanoseconds: sentNanoseconds)
        self.counters.conflated.add(replaced)
    }

    private mutating func lost(_ missing: UInt64) {
        self.counters.missing.add(missing)
        self.waiting.addGap()
        _ = self.flush()
    }

    /// Moves what waits into the ring, in order: ticks before the gap, the gap, ticks after it. True when nothing waits
    /// any more.
    package mutating func flush() -> Bool {
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
