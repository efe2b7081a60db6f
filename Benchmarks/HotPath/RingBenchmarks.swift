// SPDX-License-Identifier: Apache-2.0
// The ring on one thread: what claiming, committing, peeking and releasing cost when nobody waits.

import Benchmark
import CRing

private let recordsPerPass = 4_096

/// Sends a pass of records through the ring in batches and sums what comes out.
private func pass(_ ring: OpaquePointer, batch: Int) -> Double {
    var sum: UInt64 = 0
    var sent = 0
    var run = tr_run()
    while sent < recordsPerPass {
        precondition(tr_ring_claim(ring, batch, &run), "the ring has room")
        for slot in 0..<run.first_count { run.first![slot].words.0 = UInt64(sent + slot) }
        for slot in 0..<run.second_count { run.second![slot].words.0 = UInt64(sent + run.first_count + slot) }
        tr_ring_commit(ring, batch)
        let count = tr_ring_peek(ring, batch, &run)
        for slot in 0..<run.first_count { sum &+= run.first![slot].words.0 }
        for slot in 0..<run.second_count { sum &+= run.second![slot].words.0 }
        tr_ring_release(ring, count)
        sent += batch
    }
    precondition(sum == UInt64(recordsPerPass * (recordsPerPass - 1) / 2), "every record came out once")
    return Double(sum)
}

func registerRing() {
    for (name, batch) in [("single", 1), ("batch-64", 64)] {
        Measurement.register(
            "ring-4096-records-\(name)", repetitions: .kilo,
            prepare: { tr_ring_create(1_024)! }, body: { pass($0, batch: batch) })
    }
}
