// SPDX-License-Identifier: Apache-2.0
// What every benchmark reports: time, allocations in steady state, and a checksum of what it computed.

import AllocationCounter
import Benchmark
import Glibc

enum Measurement {
    // Named only, as the thresholds' files name them: another polarity or scaling would be another metric there.
    /// By the measured thread; a sample's count over its repetitions.
    static let allocations = BenchmarkMetric.custom("Allocations")
    static let bytes = BenchmarkMetric.custom("Bytes")
    static let hundredthBytesPerField = BenchmarkMetric.custom("Hundredths of a byte per changed field")

    /// What is counted may not change at all.
    private static var exactly: BenchmarkThresholds { BenchmarkThresholds(absolute: [.p90: 0]) }
    /// Repetitions before the counted ones: buffers grow, caches fill.
    private static let warmUps = 3

    static func configure() {
        Benchmark.defaultConfiguration = .init(
            metrics: [.wallClock, self.allocations], warmupIterations: 1, scalingFactor: .one,
            maxDuration: .seconds(1), maxIterations: 10_000,
            thresholds: [self.allocations: self.exactly])
    }

    /// Registers a benchmark whose body answers with a checksum.
    ///
    /// - Parameters:
    ///   - name: without spaces and commas, because it names the thresholds' file.
    ///   - repetitions: of the body in a sample; times are of one.
    ///   - sizes: bytes that do not change from run to run.
    ///   - prepare: builds what the body works on, outside every measurement.
    ///   - arrange: what has to happen before each sample, outside the measurement.
    ///   - finish: makes of the body's answer the checksum, outside the measurement.
    static func register<State>(
        _ name: String, repetitions: BenchmarkScalingFactor = .one, sizes: [BenchmarkMetric] = [],
        prepare: @escaping () -> State, arrange: @escaping (State) -> Void = { _ in },
        size: @escaping (State) -> [Int] = { _ in [] }, body: @escaping (State) -> Double,
        finish: @escaping (State, Double) -> Double = { $1 }
    ) {
        var configuration = Benchmark.defaultConfiguration
        configuration.scalingFactor = repetitions
        configuration.metrics += sizes
        for metric in sizes { configuration.thresholds?[metric] = self.exactly }
        // Built when the benchmark runs, kept for its samples.
        nonisolated(unsafe) var state: State?
        Benchmark(name, configuration: configuration) { benchmark in
            if state == nil {
                let made = prepare()
                state = made
                var checksum = 0.0
                for _ in 0..<self.warmUps {
                    arrange(made)
                    checksum = finish(made, body(made))
                }
                let line = "\(name): checksum \(checksum)\n"
                _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            }
            let kept = state!
            var answer = 0.0
            arrange(kept)
            benchmark.startMeasurement()
            let before = tr_allocation_count()
            for _ in benchmark.scaledIterations { answer = body(kept) }
            let count = tr_allocation_count() - before
            benchmark.stopMeasurement()
            let checksum = finish(kept, answer)
            precondition(checksum.isFinite, "\(name) computed \(checksum)")
            benchmark.measurement(self.allocations, Int(count))
            for (metric, value) in zip(sizes, size(kept)) { benchmark.measurement(metric, value) }
        }
    }
}
