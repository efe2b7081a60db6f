// SPDX-License-Identifier: Apache-2.0
// How long something took, counted in fixed steps that threads share without a lock.

import Synchronization

/// A histogram of durations from 100 µs to 10 s (Prometheus: cumulative buckets, sum, count).
///
/// Callable from any thread; a reader may see an observation in the sum before it is in the count.
public final class DurationHistogram: Sendable {
    private final class Step: Sendable {
        let count = Atomic<UInt64>(0)
    }

    /// Upper bounds of the steps in nanoseconds, ascending; the last step has none.
    public static let bounds: [UInt64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    private let steps: [Step]
    private let sumNanoseconds = Atomic<UInt64>(0)

    public init() { self.steps = (0...Self.bounds.count).map { _ in Step() } }

    public func observe(nanoseconds: UInt64) {
        let step = Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        self.steps[step].count.wrappingAdd(1, ordering: .relaxed)
        self.sumNanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    /// A difference of two clocks may be below zero: then it is zero.
    public func observe(from: UInt64, to: UInt64) { self.observe(nanoseconds: to > from ? to - from : 0) }

    public var count: UInt64 { self.steps.reduce(0) { $0 &+ $1.count.load(ordering: .relaxed) } }

    /// The samples of a family of kind `histogram`, in seconds.
    ///
    /// - Parameter labels: of all of them, as in `[("store", "main")]`.
    public func samples(_ labels: [(String, String)] = []) -> [MetricFamily.Sample] {
        var total: UInt64 = 0
        var samples: [MetricFamily.Sample] = []
        for (number, step) in self.steps.enumerated() {
            total &+= step.count.load(ordering: .relaxed)
            let bound = number < Self.bounds.count ? "\(Double(Self.bounds[number]) / 1e9)" : "+Inf"
            samples.append(.init(suffix: "_bucket", labels + [("le", bound)], Double(total)))
        }
        let seconds = Double(self.sumNanoseconds.load(ordering: .relaxed)) / 1e9
        return samples + [
            .init(suffix: "_sum", labels, seconds), .init(suffix: "_count", labels, Double(total)),
        ]
    }
}
