// SPDX-License-Identifier: Apache-2.0
// Ranked scenarios, histograms and the worst window of a P&L vector.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct PnLDistributionTests {
    @Test func worstScenariosAscendAndTiesGoToTheEarlierIndex() {
        let ranked = RankedScenarios([3, -2, 5, -2, -9])
        #expect(ranked.worst(3) == [4, 1, 3] && ranked.worst(9) == [4, 1, 3, 0, 2])
        #expect(RankedScenarios([3, -2, 5, -2, 5], tail: .gain).worst(3) == [2, 4, 0])
        #expect(RankedScenarios([]).order.isEmpty && RankedScenarios([0.0, -0.0]).order == [0, 1])
    }

    @Test func histogramCountsAValueInTheBinWhoseLowerEdgeItReaches() {
        let histogram = PnLHistogram(pnl: [4, 0, 1, 0.99, 2, 3.5, 3, 1], bins: 4)
        #expect(histogram.edges == [0, 1, 2, 3, 4] && histogram.counts == [2, 2, 1, 3])
    }

    @Test func degenerateHistogramsAreDefined() {
        let empty = PnLHistogram(pnl: [])
        #expect(empty.edges.isEmpty && empty.counts.isEmpty)
        let same = PnLHistogram(pnl: [-3, -3, -3])
        #expect(same.edges == [-3, -3] && same.counts == [3])
        let neighbours = PnLHistogram(pnl: [1, 1.0.nextUp], bins: 50)
        #expect(neighbours.counts.reduce(0, +) == 2 && neighbours.edges.last == 1.0.nextUp)
        let widest = PnLHistogram(pnl: [-.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude], bins: 51)
        #expect(widest.counts.reduce(0, +) == 3 && widest.counts[25] == 1 && widest.edges.allSatisfy(\.isFinite))
    }

    @Test(arguments: UInt64(1)...30)
    func everyValueIsCountedOnceBetweenItsEdges(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bins = 50 + random.nextIndex(below: 51)
        let pnl = (0..<(2 + random.nextIndex(below: 900))).map { _ in (1e4 * random.nextNormal()).rounded() / 8 }
        let histogram = PnLHistogram(pnl: pnl, bins: bins)
        #expect(histogram.edges.count == bins + 1 && histogram.counts.count == bins, "seed \(seed)")
        #expect(histogram.edges.first == pnl.min() && histogram.edges.last == pnl.max(), "seed \(seed)")
        for (bin, count) in histogram.counts.enumerated() {
            let (lower, upper) = (histogram.edges[bin], histogram.edges[bin + 1])
            let expected = pnl.count { $0 >= lower && ($0 < upper || (bin == bins - 1 && $0 == upper)) }
            #expect(count == expected && lower < upper, "seed \(seed) bin \(bin)")
        }
        #expect(histogram.counts.reduce(0, +) == pnl.count, "seed \(seed)")
    }

    /// Against every window measured on its own.
    @Test(arguments: UInt64(1)...10, QuantileDefinition.allCases)
    func stressedWindowIsTheWorstOfAll(seed: UInt64, quantile: QuantileDefinition) throws {
        var random = SplitMix64(seed: seed)
        let pnl = (0..<400).map { _ in (10 * random.nextNormal()).rounded() }
        for tail in Tail.allCases {
            let found = try #require(
                StressedWindow(pnl: pnl, days: 60, confidenceBasisPoints: 9_500, quantile: quantile, tail: tail))
            let values = (0...340).map { start in
                Quantiles.valueAtRisk(
                    pnl: Array(pnl[start..<(start + 60)]), confidenceBasisPoints: 9_500, definition: quantile,
                    tail: tail) ?? .nan
            }
            #expect(found.valueAtRisk == values.max(), "seed \(seed)")
            #expect(found.scenarios.lowerBound == values.firstIndex(of: found.valueAtRisk), "seed \(seed)")
            #expect(found.scenarios.count == 60, "seed \(seed)")
            let mean = ExpectedShortfall.value(
                pnl: Array(pnl[found.scenarios]), confidenceBasisPoints: 9_500, tail: tail)
            #expect(found.expectedShortfall == mean, "seed \(seed)")
        }
    }

    @Test func stressedWindowIsWhereTheLossesAre() {
        var pnl = [Double](repeating: 1, count: 1_000)
        for day in 600..<620 { pnl[day] = -100 }
        let window = StressedWindow(pnl: pnl, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(window?.scenarios == 353..<603 && window?.valueAtRisk == 100)
    }

    @Test func withoutAFullWindowThereIsNone() {
        #expect(
            StressedWindow(pnl: [1, 2], days: 3, confidenceBasisPoints: 9_900, quantile: .discrete) == nil)
        #expect(
            StressedWindow(pnl: [1, 2, 3], days: 3, confidenceBasisPoints: 9_900, quantile: .hazen) == nil)
        let whole = StressedWindow(pnl: [1, -2, 3], days: 3, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(whole?.scenarios == 0..<3 && whole?.valueAtRisk == 2)
    }
}
