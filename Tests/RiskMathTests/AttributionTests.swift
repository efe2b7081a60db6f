// SPDX-License-Identifier: Apache-2.0
// Components, stand-alone and incremental VaR of a book of two parts, by hand.

import RiskDomain
import RiskMath
import Testing

@Suite struct AttributionTests {
    /// Sums: −7, 4, −5, 1, −6, 8, 2, 3, 5, 7; the worst three are the scenarios 0, 4 and 2.
    static let parts = [
        AttributedPart(name: "A", marketValue: 100, pnl: [-10, 2, -1, 1, -8, 4, 1, 1, 2, 3]),
        AttributedPart(name: "B", marketValue: -50, pnl: [3, 2, -4, 0, 2, 4, 1, 2, 3, 4]),
    ]

    static func attribution(
        _ confidence: Int, _ quantile: QuantileDefinition = .discrete, tail: Tail = .loss
    ) -> Attribution {
        Attribution(of: Self.parts, count: 10, confidenceBasisPoints: confidence, quantile: quantile, tail: tail)
    }

    @Test func discreteComponentsAreThePartsInTheScenarioOfTheValueAtRisk() {
        let book = Self.attribution(8_000)
        #expect(book.valueAtRisk == 6 && book.scenarios == [4])
        #expect(book.parts.map(\.name) == ["A", "B"])
        #expect(book.parts.map(\.componentValueAtRisk) == [8, -2])
        #expect(book.expectedShortfall == 6.5 && book.parts.map(\.componentExpectedShortfall) == [9, -2.5])
        #expect(book.parts.map(\.marginalValueAtRisk) == [0.08, 0.04])
    }

    /// A alone: −10, −8; B alone: −4, 0. Without A remains B, without B remains A.
    @Test func standAloneAndIncrementalFiguresComeFromOtherVectors() {
        let book = Self.attribution(8_000)
        #expect(book.parts.map(\.standAloneValueAtRisk) == [8, 0])
        #expect(book.parts.map(\.incrementalValueAtRisk) == [6, -2])
        #expect(book.diversificationBenefit == 2)
    }

    /// Hazen at 80 % of ten: 2½, between the scenarios 4 and 2; linear: 2.8.
    @Test func interpolatedComponentsAreInterpolatedBetweenTheSameScenarios() {
        let hazen = Self.attribution(8_000, .hazen)
        #expect(hazen.valueAtRisk == 5.5 && hazen.scenarios == [4, 2])
        #expect(hazen.parts.map(\.componentValueAtRisk) == [4.5, 1])
        let linear = Self.attribution(8_000, .linear)
        #expect(isClose(linear.valueAtRisk, 6 - 0.8) && linear.scenarios == [4, 2])
        #expect(isClose(linear.parts[0].componentValueAtRisk, 8 - 0.8 * 7))
        #expect(isClose(linear.parts[1].componentValueAtRisk, -2 + 0.8 * 6))
    }

    /// The two greatest gains are the scenarios 5 and 9.
    @Test func gainTailAttributesTheOtherEnd() {
        let book = Self.attribution(8_000, tail: .gain)
        #expect(book.valueAtRisk == 7 && book.scenarios == [9] && book.expectedShortfall == 7.5)
        #expect(book.parts.map(\.componentValueAtRisk) == [3, 4])
    }

    /// 0.1 + 0.2 − 0.3 is not 0 in floating point, and a neutral book has no VaR per unit of value.
    @Test func neutralPartHasNoMarginalFigureThoughItsValueIsRounded() {
        let legs = [0.1, 0.2, -0.3].map { AttributedPart(name: "\($0)", marketValue: $0, pnl: [-$0, $0]) }
        let group = AttributedPart.grouped(legs) { _ in "neutral" }[0]
        #expect(group.marketValue != 0 && isClose(group.grossValue, 0.6))
        let book = Attribution(of: [group], count: 2, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(book.parts[0].componentValueAtRisk != nil && book.parts[0].marginalValueAtRisk == nil)
    }

    @Test func tiesTakeTheEarliestScenario() {
        let parts = [
            AttributedPart(name: "A", pnl: [0, -1, -4, 1]), AttributedPart(name: "B", pnl: [0, -3, 0, -5]),
        ]
        let book = Attribution(of: parts, count: 4, confidenceBasisPoints: 7_500, quantile: .discrete)
        #expect(book.valueAtRisk == 4 && book.scenarios == [1])
        #expect(book.parts.map(\.componentValueAtRisk) == [1, 3])
        let second = Attribution(of: parts, count: 4, confidenceBasisPoints: 5_000, quantile: .discrete)
        #expect(second.scenarios == [2] && second.parts.map(\.componentValueAtRisk) == [4, 0])
    }

    @Test func levelBeyondTheSampleHasNoComponentsButShortfalls() {
        let book = Self.attribution(9_900, .weibull)
        #expect(book.valueAtRisk == nil && book.scenarios.isEmpty && book.diversificationBenefit == nil)
        #expect(book.parts.allSatisfy { $0.componentValueAtRisk == nil && $0.incrementalValueAtRisk == nil })
        #expect(book.expectedShortfall == 7)
        #expect(isClose(book.parts[0].componentExpectedShortfall, 10))
        #expect(isClose(book.parts[1].componentExpectedShortfall, -3))
    }

    @Test func bookWithoutScenariosOrPartsHasNoSurprises() {
        let none = Attribution(
            of: [AttributedPart(name: "A", pnl: [])], count: 0, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(none.valueAtRisk == nil && none.expectedShortfall == nil && none.parts.count == 1)
        let empty = Attribution(of: [], count: 3, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(empty.valueAtRisk == 0 && empty.parts.isEmpty && empty.diversificationBenefit == 0)
    }

    @Test func partWithoutMarketValueHasNoMarginalFigure() {
        let parts = [AttributedPart(name: "A", pnl: [-1]), AttributedPart(name: "B", marketValue: 0, pnl: [-1])]
        let book = Attribution(of: parts, count: 1, confidenceBasisPoints: 9_900, quantile: .discrete)
        #expect(book.parts.allSatisfy { $0.marginalValueAtRisk == nil && $0.componentValueAtRisk == 1 })
    }

    /// A trade that mirrors B takes its hedge away.
    @Test func addedTradeChangesTheValueAtRiskOfTheSum() {
        let total = ScenarioPnL.sum(Self.parts.map(\.pnl), count: 10)
        let mirrored = Self.parts[1].pnl.map { -$0 }
        let added = Attribution.incrementalValueAtRisk(
            adding: mirrored, to: total, confidenceBasisPoints: 8_000, quantile: .discrete)
        #expect(added == 2)
        let beyond = Attribution.incrementalValueAtRisk(
            adding: mirrored, to: total, confidenceBasisPoints: 9_900, quantile: .hazen)
        #expect(beyond == nil)
    }

    @Test func groupsAreSumsInOrderOfFirstAppearance() {
        let parts = [
            AttributedPart(name: "A", marketValue: 1, pnl: [1, 2]),
            AttributedPart(name: "B", marketValue: 2, pnl: [4, 8]),
            AttributedPart(name: "C", marketValue: 4, pnl: [16, 32]), AttributedPart(name: "D", pnl: [64, 128]),
        ]
        let sectors = ["Energy", "Bonds", "Energy", "Bonds"]
        let groups = AttributedPart.grouped(parts) { sectors[$0] }
        #expect(
            groups == [
                AttributedPart(name: "Energy", marketValue: 5, pnl: [17, 34]),
                AttributedPart(name: "Bonds", marketValue: nil, pnl: [68, 136]),
            ])
    }
}
