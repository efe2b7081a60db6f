// SPDX-License-Identifier: Apache-2.0
// Pieces of the hot path that other programs time theirs against.

import BenchmarkBooks
import CKernels
import CPlatform
import FrameCodec
import RiskKernel

enum PieceTiming {
    private static let scenarios = 500
    /// Ranks of VaR at 95, 97.5 and 99 %: the values of those ranks and the sums before them are VaR and ES.
    private static let ranks = [24, 12, 4]

    /// Nanoseconds of one VaR and ES at three confidences of a vector, and a checksum of them.
    ///
    /// The vector is a permutation of whole numbers that any program can make: element i is (7919·i) mod 500 − 100.
    static func tail(_ repetitions: Int) -> (nanoseconds: Double, checksum: Double) {
        let kernels = tr_kernels_of(tr_tier_detect())!
        let values = (0..<Self.scenarios).map { Double($0 * 7_919 % Self.scenarios) - 100 }
        let wanted = Self.ranks.max()! + 1
        return values.withUnsafeBufferPointer { values in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: wanted) { smallest in
                var checksum = 0.0
                let begin = MonotonicClock.nowNanoseconds
                for _ in 0..<repetitions {
                    kernels.pointee.tail(values.baseAddress!, values.count, wanted, smallest.baseAddress!)
                    checksum = 0
                    for rank in Self.ranks {
                        var sum = 0.0
                        for index in 0...rank { sum += smallest[index] }
                        checksum -= smallest[rank] + sum / Double(rank + 1)
                    }
                }
                return (Double(MonotonicClock.nowNanoseconds - begin) / Double(repetitions), checksum)
            }
        }
    }

    /// Nanoseconds of one pass over as many bytes of returns as a cut of the spread book weighs, read in the order they
    /// lie in memory: what the memory system allows.
    static func stream(_ repetitions: Int) -> (nanoseconds: Double, checksum: Double) {
        let kernels = tr_kernels_of(tr_tier_detect())!
        let rows = 10_000, held = 200, accounts = 1_000, stride = 504
        let returns = UnsafeMutablePointer<Double>.allocateAligned(count: rows * stride)
        defer { returns.deallocate() }
        returns.initialize(repeating: 1, count: rows * stride)
        let weights = [Double](repeating: 1, count: held)
        let row = (0..<UInt32(rows)).map { $0 }
        let sums = UnsafeMutablePointer<Double>.allocateAligned(count: stride)
        defer { sums.deallocate() }
        var checksum = 0.0
        let begin = MonotonicClock.nowNanoseconds
        for _ in 0..<repetitions {
            checksum = 0
            for account in 0..<accounts {
                row.withUnsafeBufferPointer {
                    kernels.pointee.weighted_rows(
                        returns, stride, $0.baseAddress! + account * held % rows, weights, held, Self.scenarios, sums)
                }
                checksum += sums[account % Self.scenarios]
            }
        }
        return (Double(MonotonicClock.nowNanoseconds - begin) / Double(repetitions), checksum)
    }

    /// Nanoseconds of one compressed delta of an account, and its bytes.
    static func delta(_ repetitions: Int) -> (nanoseconds: Double, checksum: Double) {
        let frames = AccountFrames()
        _ = frames.delta(.zstd)
        let begin = MonotonicClock.nowNanoseconds
        for _ in 0..<repetitions { _ = frames.delta(.zstd) }
        return (Double(MonotonicClock.nowNanoseconds - begin) / Double(repetitions), Double(frames.bytes))
    }
}

extension UnsafeMutablePointer<Double> {
    /// Aligned as the kernels demand of rows.
    fileprivate static func allocateAligned(count: Int) -> Self {
        UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Double>.stride, alignment: 128)
            .bindMemory(to: Double.self, capacity: count)
    }
}
