// SPDX-License-Identifier: Apache-2.0
// Frames of an account: snapshot and delta in every encoding.

import Benchmark
import BenchmarkBooks
import FrameCodec

func registerFrames() {
    for (name, encoding) in [("zstd", FrameEncoding.zstd), ("deflate", .deflate), ("json", .json)] {
        Measurement.register(
            "delta-\(name)",
            sizes: [Measurement.bytes, Measurement.hundredthBytesPerField], prepare: { AccountFrames() },
            size: { [$0.bytes, $0.bytes * 100 / $0.changed] }, body: { $0.delta(encoding) })
        Measurement.register(
            "snapshot-\(name)", sizes: [Measurement.bytes],
            prepare: { AccountFrames() }, size: { [$0.bytes] }, body: { $0.snapshot(encoding) })
    }
}
