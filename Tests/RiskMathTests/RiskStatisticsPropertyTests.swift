// SPDX-License-Identifier: Apache-2.0
// What must hold for VaR, ES and their components whatever the scenarios, over seeded vectors with ties.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct RiskStatisticsPropertyTests {
    static let confidences = [1, 1_234, 5_000, 9_000, 9_500, 9_750, 9_900, 9_999]

    /// Parts of a book; every third seed in whole numbers, so that scenarios tie.
    static func parts(_ seed: UInt64) -> [AttributedPart] {
        var random = SplitMix64(seed: seed)
        let count = 1 + random.nextIndex(below: 250)
        return (0..<(1 + random.nextIndex(below: 6))).map { index in
            let scale = 1e5 * (random.nextUniform() - 0.4)
            let pnl = (0..<count).map { _ in
                seed % 3 == 0 ? Double(random.nextIndex(below: 9)) - 4 : scale * random.nextNormal()
            }
            return AttributedPart(name: "P\(index)", marketValue: scale, pnl: pnl)
        }
    }

    static func total(_ seed: UInt64) -> [Double] {
        let parts = Self.parts(seed)
        return ScenarioPnL.sum(parts.map(\.pnl), count: parts[0].pnl.count)
    }

    @Test(arguments: UInt64(1)...30, QuantileDefinition.allCases)
    func componentsSumToTheFiguresOfTheBook(seed: UInt64, quantile: QuantileDefinition) {
        let parts = Self.parts(seed)
        let count = parts[0].pnl.count
        let pnl = Self.total(seed)
        let size = parts.reduce(1.0) { max($0, ($1.pnl.map(\.magnitude).max() ?? 0)) }
        for confidence in Self.confidences {
            for shortfall in ShortfallDefinition.allCases {
                for tail in Tail.allCases {
                    let book = Attribution(
                        of: parts, count: count, confidenceBasisPoints: confidence, quantile: quantile,
                        shortfall: shortfall, tail: tail)
                    #expect(
                        book.valueAtRisk
                            == Quantiles.valueAtRisk(
                                pnl: pnl, confidenceBasisPoints: confidence, definition: quantile, tail: tail),
                        "seed \(seed) \(confidence)")
                    #expect(
                        book.expectedShortfall
                            == ExpectedShortfall.value(
                                pnl: pnl, confidenceBasisPoints: confidence, definition: shortfall, tail: tail),
                        "seed \(seed) \(confidence)")
                    let atRisk = book.parts.reduce(0) { $0 + ($1.componentValueAtRisk ?? 0) }
                    let mean = book.parts.reduce(0) { $0 + ($1.componentExpectedShortfall ?? 0) }
                    #expect((atRisk - (book.valueAtRisk ?? 0)).magnitude <= 1e-12 * size, "seed \(seed) \(confidence)")
                    #expect((mean - (book.expectedShortfall ?? 0)).magnitude <= 1e-12 * size, "seed \(seed)")
                }
            }
        }
    }

    /// Grouping changes no total, and a group's component is the sum of its parts'.
    @Test(arguments: UInt64(1)...30)
    func componentOfAGroupIsTheSumOfItsParts(seed: UInt64) {
        let parts = Self.parts(seed)
        let total = Self.total(seed)
        let attribute = { (parts: [AttributedPart]) in
            Attribution(
                of: parts, count: total.count, total: total, confidenceBasisPoints: 9_500, quantile: .discrete)
        }
        let single = attribute(parts)
        let grouped = attribute(AttributedPart.grouped(parts) { $0 % 2 == 0 ? "even" : "odd" })
        #expect(grouped.valueAtRisk == single.valueAtRisk && grouped.scenarios == single.scenarios, "seed \(seed)")
        let even = single.parts.enumerated().reduce(0) {
            $0 + ($1.offset % 2 == 0 ? $1.element.componentValueAtRisk ?? .nan : 0)
        }
        #expect(relativeError(grouped.parts[0].componentValueAtRisk, even) <= 1e-9, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...30, QuantileDefinition.allCases)
    func powersOfTwoScaleExactly(seed: UInt64, quantile: QuantileDefinition) {
        let pnl = Self.total(seed)
        for confidence in Self.confidences {
            for scale in [0.25, 2, 1_024] {
                let scaled = pnl.map { scale * $0 }
                let measure = {
                    Quantiles.valueAtRisk(pnl: $0, confidenceBasisPoints: confidence, definition: quantile)
                }
                #expect(measure(scaled) == measure(pnl).map { scale * $0 }, "seed \(seed) \(confidence)")
                let mean = { ExpectedShortfall.value(pnl: $0, confidenceBasisPoints: confidence) }
                #expect(mean(scaled) == mean(pnl).map { scale * $0 }, "seed \(seed) \(confidence)")
            }
        }
    }

    /// VaR and ES of λ books are λ times those of one, whatever λ, but for rounding.
    @Test(arguments: UInt64(1)...30, QuantileDefinition.allCases)
    func anyScaleScalesTheFigures(seed: UInt64, quantile: QuantileDefinition) {
        var random = SplitMix64(seed: seed)
        let pnl = Self.total(seed)
        let size = pnl.reduce(0) { max($0, $1.magnitude) }
        for confidence in Self.confidences {
            for scale in [1e-6 + random.nextUniform(), 1 + 1e3 * random.nextUniform()] {
                let scaled = pnl.map { scale * $0 }
                let measure = {
                    Quantiles.valueAtRisk(pnl: $0, confidenceBasisPoints: confidence, definition: quantile)
                }
                #expect((measure(scaled) == nil) == (measure(pnl) == nil), "seed \(seed) \(confidence)")
                let difference = (measure(scaled) ?? 0) - scale * (measure(pnl) ?? 0)
                #expect(difference.magnitude <= 1e-12 * scale * size, "seed \(seed) \(confidence) \(scale)")
                for shortfall in ShortfallDefinition.allCases {
                    let mean = {
                        ExpectedShortfall.value(pnl: $0, confidenceBasisPoints: confidence, definition: shortfall)
                            ?? .nan
                    }
                    #expect(
                        (mean(scaled) - scale * mean(pnl)).magnitude <= 1e-12 * scale * size,
                        "seed \(seed) \(confidence) \(scale)")
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...30, QuantileDefinition.allCases)
    func gainTailIsTheLossTailOfTheOppositeBook(seed: UInt64, quantile: QuantileDefinition) {
        let pnl = Self.total(seed)
        let opposite = pnl.map { 0 - $0 }
        for tail in Tail.allCases {
            let other: Tail = tail == .loss ? .gain : .loss
            let own = Quantiles.valuesAtRisk(
                pnl: pnl, confidencesBasisPoints: Self.confidences, definition: quantile, tail: tail)
            let mirrored = Quantiles.valuesAtRisk(
                pnl: opposite, confidencesBasisPoints: Self.confidences, definition: quantile, tail: other)
            #expect(own == mirrored, "seed \(seed)")
            for shortfall in ShortfallDefinition.allCases {
                let own = ExpectedShortfall.values(
                    pnl: pnl, confidencesBasisPoints: Self.confidences, definition: shortfall, tail: tail)
                let mirrored = ExpectedShortfall.values(
                    pnl: opposite, confidencesBasisPoints: Self.confidences, definition: shortfall, tail: other)
                #expect(own == mirrored && own.count == Self.confidences.count, "seed \(seed)")
            }
        }
    }

    /// Acerbi & Tasche's over VaR of every definition, the plain tail mean over the discrete one that bounds it.
    @Test(arguments: UInt64(1)...30, QuantileDefinition.allCases)
    func shortfallIsAtLeastTheValueAtRisk(seed: UInt64, quantile: QuantileDefinition) {
        let pnl = Self.total(seed)
        for tail in Tail.allCases {
            let atRisk = Quantiles.valuesAtRisk(
                pnl: pnl, confidencesBasisPoints: Self.confidences, definition: quantile, tail: tail)
            #expect(!atRisk.isEmpty, "seed \(seed)")
            for definition in ShortfallDefinition.allCases where definition == .acerbiTasche || quantile == .discrete {
                let means = ExpectedShortfall.values(
                    pnl: pnl, confidencesBasisPoints: Self.confidences, definition: definition, tail: tail)
                for (confidence, value) in atRisk {
                    let mean = means[confidence] ?? .nan
                    #expect(mean >= value - 1e-12 * value.magnitude, "seed \(seed) \(confidence)")
                }
            }
        }
    }

    /// Expected shortfall after Acerbi & Tasche is subadditive, in the sample too; VaR is not and is not tested for it.
    @Test(arguments: UInt64(1)...30)
    func shortfallOfABookIsAtMostThatOfItsParts(seed: UInt64) {
        for confidence in Self.confidences {
            let mean = { ExpectedShortfall.value(pnl: $0, confidenceBasisPoints: confidence) ?? .nan }
            let alone = Self.parts(seed).reduce(0) { $0 + mean($1.pnl) }
            #expect(mean(Self.total(seed)) <= alone + 1e-9 * max(1, alone.magnitude), "seed \(seed) \(confidence)")
        }
    }
}
