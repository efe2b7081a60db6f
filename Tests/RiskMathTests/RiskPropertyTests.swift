// SPDX-License-Identifier: Apache-2.0
// What must hold for every book, over seeded books of longs, shorts and neutrals with gaps in prices and history.

import RiskDomain
import RiskMath
import RiskSimulation
import Testing

@Suite struct RiskPropertyTests {
    static func book(_ seed: UInt64, quantile: QuantileDefinition) -> RiskInputs {
        SyntheticBook(
            instruments: 12, accounts: 6, positionsPerAccount: 5, scenarios: 101 + Int(seed % 50), seed: seed,
            instrumentsWithoutHistory: 3, accountsWithoutLimit: 1
        ).makeInputs(convention: RiskConvention(confidences: [1_234, 9_500, 9_750, 9_900], quantile: quantile))
    }

    static func marks(_ inputs: RiskInputs, seed: UInt64, missingOf ten: Int) -> [PriceMark?] {
        var random = SplitMix64(seed: seed)
        return inputs.instruments.map { _ in
            let price = 10 + 490 * random.nextUniform()
            let isStale = random.nextIndex(below: 4) == 0
            return random.nextIndex(below: 10) < ten ? nil : PriceMark(price, isStale: isStale)
        }
    }

    static func valuations(_ inputs: RiskInputs, _ marks: [PriceMark?]) -> [AccountValuation] {
        inputs.accounts.map { AccountReference.value(of: $0, in: inputs, marks: marks) }
    }

    @Test(arguments: UInt64(1)...20, QuantileDefinition.allCases)
    func doublingABookDoublesItsRisk(seed: UInt64, quantile: QuantileDefinition) {
        let inputs = Self.book(seed, quantile: quantile)
        var doubled = inputs
        for index in doubled.positions.indices { doubled.positions[index].quantity *= 2 }
        let marks = Self.marks(inputs, seed: seed, missingOf: 2)
        for (one, two) in zip(Self.valuations(inputs, marks), Self.valuations(doubled, marks)) {
            // Times two is exact in binary floating point, so equality is too.
            #expect(two.risk.valueAtRisk == one.risk.valueAtRisk.mapValues { 2 * $0 }, "seed \(seed)")
            #expect(two.risk.expectedShortfall == one.risk.expectedShortfall.mapValues { 2 * $0 }, "seed \(seed)")
            #expect(two.risk.coverage.percent == one.risk.coverage.percent, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...20, QuantileDefinition.allCases)
    func expectedShortfallIsAtLeastValueAtRiskAndBothGrowWithConfidence(seed: UInt64, quantile: QuantileDefinition) {
        let inputs = Self.book(seed, quantile: quantile)
        for value in Self.valuations(inputs, Self.marks(inputs, seed: seed, missingOf: 0)) {
            var last = (-Double.infinity, -Double.infinity)
            for confidence in inputs.convention.confidences {
                let atRisk = value.risk.valueAtRisk[confidence] ?? .nan
                let shortfall = value.risk.expectedShortfall[confidence] ?? .nan
                let rounding = 1e-9 * atRisk.magnitude
                #expect(shortfall >= atRisk - rounding, "seed \(seed) \(value.account) \(confidence)")
                #expect(atRisk >= last.0 && shortfall >= last.1 - rounding, "seed \(seed) \(value.account)")
                last = (atRisk, shortfall)
            }
        }
    }

    /// A short book has the mirrored scenarios of its long twin: no formula in net weights does that.
    @Test(arguments: UInt64(1)...20)
    func shortBookHasTheMirroredScenariosOfItsLongTwin(seed: UInt64) throws {
        let inputs = Self.book(seed, quantile: .discrete)
        var mirrored = inputs
        for index in mirrored.positions.indices { mirrored.positions[index].quantity.negate() }
        let marks = Self.marks(inputs, seed: seed, missingOf: 0)
        for (long, short) in zip(Self.valuations(inputs, marks), Self.valuations(mirrored, marks)) {
            let pnl = try #require(long.scenarioPnL)
            #expect(short.scenarioPnL == pnl.map { 0 - $0 }, "seed \(seed)")
            #expect(short.totals.grossExposure == long.totals.grossExposure, "seed \(seed)")
            #expect(short.margin == long.margin, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...20)
    func identitiesOfTheTotalsHoldInAccountsAndFirm(seed: UInt64) {
        let inputs = Self.book(seed, quantile: .discrete)
        let accounts = Self.valuations(inputs, Self.marks(inputs, seed: seed, missingOf: Int(seed % 10)))
        let firm = FirmReference.value(
            of: accounts,
            at: PricedMarket(inputs, marks: inputs.instruments.map { _ in nil }, cutNanoseconds: 0))
        for totals in accounts.map(\.totals) + [firm.totals] {
            guard let cash = totals.cash, let worth = totals.marketValue, let gross = totals.grossExposure,
                let realised = totals.realisedPnL, let unrealised = totals.unrealisedPnL, let fees = totals.fees
            else {
                #expect(totals.equity == nil && totals.totalPnL == nil && totals.dayPnL == nil, "seed \(seed)")
                continue
            }
            #expect(totals.equity == cash + worth, "seed \(seed)")
            #expect(totals.totalPnL == realised + unrealised + fees, "seed \(seed)")
            #expect(gross >= worth.magnitude && totals.netExposure == worth, "seed \(seed)")
        }
        let sectors = firm.sectors.values.compactMap(\.gross).reduce(0, +)
        #expect(isClose(firm.totals.grossExposure ?? 0, sectors), "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...20)
    func coverageListsExactlyWhatTheScenariosDoNotReach(seed: UInt64) {
        let inputs = Self.book(seed, quantile: .discrete)
        let marks = Self.marks(inputs, seed: seed, missingOf: 2)
        for value in Self.valuations(inputs, marks) {
            let unreached = value.positions.filter { position in
                let index = inputs.directory.index(ofSymbol: position.symbol)!
                return marks[index] == nil || inputs.scenarios.rows[index] == nil
            }
            #expect(value.risk.coverage.excluded == unreached.map(\.symbol).sorted(), "seed \(seed)")
            if let percent = value.risk.coverage.percent {
                let isWhole = unreached.allSatisfy { $0.marketValue == nil }
                #expect((0...100).contains(percent) && (percent == 100) == isWhole, "seed \(seed)")
            }
        }
    }

    @Test func seededBooksReachEveryStatusAndLevel() {
        var statuses: Set<ValueStatus> = []
        var levels: Set<MarginLevel> = []
        for seed in UInt64(1)...40 {
            let inputs = Self.book(seed, quantile: .discrete)
            let values = Self.valuations(inputs, Self.marks(inputs, seed: seed, missingOf: Int(seed % 11)))
            statuses.formUnion(values.map(\.status))
            levels.formUnion(values.map(\.margin.level))
        }
        #expect(statuses == Set(ValueStatus.allCases))
        #expect(levels == Set(MarginLevel.allCases))
    }
}
