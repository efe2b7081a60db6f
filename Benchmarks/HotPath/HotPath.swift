// SPDX-License-Identifier: Apache-2.0
// The benchmarks, one line each; what one does stands in the file of its part.

import Benchmark

let benchmarks: @Sendable () -> Void = {
    Measurement.configure()
    registerRing()
    registerTicks()
    registerKernels()
    registerCuts()
    registerFrames()
}
