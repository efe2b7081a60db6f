// SPDX-License-Identifier: Apache-2.0
// The ring between an ingest thread and the engine thread, as its producer sees it.

import CEngine
import CRing
import RiskDomain
import Synchronization

/// A single-producer single-consumer ring of ticks.
///
/// A batch becomes visible to the engine whole, under one header that carries its send times.
///
/// Ownership: pushes come from one ingest thread only; the engine thread drains (docs/ownership.md, "ring slots").
public final class TickRing: @unchecked Sendable {
    let ring: OpaquePointer
    public let capacity: Int
    private let mostWaiting = Atomic<Int>(0)

    /// - Parameter capacity: records; a power of two from 2 to 2²⁶.
    /// - Returns: `nil` when it is not, or memory is short.
    public init?(capacity: Int) {
        guard let ring = tr_ring_create(capacity) else { return nil }
        self.ring = ring
        self.capacity = capacity
    }

    deinit { tr_ring_destroy(self.ring) }

    /// Records waiting; exact on neither side.
    public var count: Int { tr_ring_count(self.ring) }

    /// Most records that waited when the engine came by.
    public var highWaterMark: Int { self.mostWaiting.load(ordering: .relaxed) }

    /// Consumer: remembers how full it is now.
    func noteOccupancy() {
        let waiting = self.count
        if waiting > self.mostWaiting.load(ordering: .relaxed) { self.mostWaiting.store(waiting, ordering: .relaxed) }
    }

    /// Producer: hands a batch over, or nothing when there is not room for all of it.
    ///
    /// - Parameters:
    ///   - ticks: instrument indices below the engine's count.
    ///   - oldestNanoseconds: least send time (else receive time) of the ticks, since 1970; not 0.
    ///   - newestNanoseconds: greatest.
    public func push(
        _ ticks: UnsafeBufferPointer<Tick>, oldestNanoseconds: UInt64, newestNanoseconds: UInt64
    ) -> Bool {
        var header = tr_batch()
        header.kind = UInt16(TR_RECORD_BATCH)
        header.oldest_ns = oldestNanoseconds
        header.newest_ns = newestNanoseconds
        return self.push(header, followedBy: ticks)
    }

    /// Producer: tells the engine that messages of this feed were lost. False when the ring is full.
    public func pushGap() -> Bool {
        var header = tr_batch()
        header.kind = UInt16(TR_RECORD_GAP)
        return self.push(header, followedBy: UnsafeBufferPointer(start: nil, count: 0))
    }

    /// Producer: tells the engine that the ticks that follow are by the directory of this number. False when the ring
    /// is full.
    public func pushDirectory(_ number: UInt64) -> Bool {
        var header = tr_batch()
        header.kind = UInt16(TR_RECORD_DIRECTORY)
        header.directory = number
        return self.push(header, followedBy: UnsafeBufferPointer(start: nil, count: 0))
    }

    private func push(_ header: tr_batch, followedBy ticks: UnsafeBufferPointer<Tick>) -> Bool {
        var run = tr_run()
        guard tr_ring_claim(self.ring, ticks.count + 1, &run) else { return false }
        // The header takes the first slot; the ticks fill the rest of the first run and then the second.
        let slotBytes = MemoryLayout<Tick>.stride
        let first = UnsafeMutableRawPointer(run.first!)
        first.storeBytes(of: header, as: tr_batch.self)
        let firstCount = run.first_count - 1
        if firstCount > 0 {
            (first + slotBytes).copyMemory(from: ticks.baseAddress!, byteCount: firstCount * slotBytes)
        }
        if run.second_count > 0 {
            UnsafeMutableRawPointer(run.second!)
                .copyMemory(from: ticks.baseAddress! + firstCount, byteCount: run.second_count * slotBytes)
        }
        tr_ring_commit(self.ring, ticks.count + 1)
        return true
    }
}
