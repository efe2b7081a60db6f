// SPDX-License-Identifier: Apache-2.0
// The generator against its published sequence, its deviates against their moments.

import RiskSimulation
import Testing

@Suite struct SplitMix64Tests {
    /// The published first outputs for seed 1234567.
    @Test func sequenceIsThePublishedOne() {
        var random = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.indices.map { _ in random.next() } == expected)
    }

    @Test func uniformStaysInItsHalfOpenIntervalAndFillsIt() {
        var random = SplitMix64(seed: 2)
        let values = (0..<100_000).map { _ in random.nextUniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect((values.reduce(0, +) / 100_000 - 0.5).magnitude < 0.005)
        #expect(values.min()! < 0.001 && values.max()! > 0.999)
    }

    @Test func indexReachesEveryValueBelowItsBound() {
        var random = SplitMix64(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.nextIndex(below: 7)] += 1 }
        #expect(counts.allSatisfy { (9_500...10_500).contains($0) }, "\(counts)")
    }

    @Test func bothNormalDeviatesHaveMeanZeroAndVarianceOne() {
        var random = SplitMix64(seed: 4)
        let exact = (0..<200_000).map { _ in random.nextNormal() }
        let approximate = (0..<200_000).map { _ in random.nextApproximateNormal() }
        for values in [exact, approximate] {
            let mean = values.reduce(0, +) / 200_000
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200_000
            #expect(mean.magnitude < 0.01 && (variance - 1).magnitude < 0.02, "\(mean) \(variance)")
            let beyondTwo = Double(values.count { $0.magnitude > 2 }) / 200_000
            #expect((0.03...0.06).contains(beyondTwo), "\(beyondTwo)")
        }
        #expect(approximate.allSatisfy { $0.magnitude <= 3.4642 })
    }
}
