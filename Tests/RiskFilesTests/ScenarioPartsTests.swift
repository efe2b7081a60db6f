// SPDX-License-Identifier: Apache-2.0
// Absolute shocks and tags, moves of currencies, and replays of the history in the scenario file.

import RiskDomain
import RiskFiles
import Testing

@Suite struct ScenarioPartsTests {
    private func problems(_ yaml: String) throws -> [String] {
        var set = DataSet()
        set.scenarios = yaml
        return try set.problems()
    }

    @Test func everyPartOfAScenarioIsRead() throws {
        var set = DataSet()
        set.instruments = """
            id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,tags
            7,AAA,Alpha,Technology,USD,1,0.01,0.25,us;big
            9,BBB,Beta,Energy,GBp,10,0.5,1,
            """
        set.scenarios = """
            points: {shocks: [{tag: big, price_abs: -2.5}, {all: true, vol_points: 5}]}
            pound: {fx: {GBP: -0.1, EUR: 1e-1}}
            leap:
              replay: {from: 2020-02-28, to: "2020-02-29"}
              shocks: [{sector: Energy, price: 0, price_abs: 1}]
            """
        #expect(
            try set.load().stressScenarios == [
                StressScenario(
                    name: "points",
                    shocks: [
                        StressShock(target: .tag("big"), price: 0, priceChange: -2.5),
                        StressShock(target: .all, price: 0, volatilityPoints: 5),
                    ]),
                StressScenario(name: "pound", shocks: [], currencyShocks: ["GBP": -0.1, "EUR": 0.1]),
                StressScenario(
                    name: "leap", shocks: [StressShock(target: .sector("Energy"), price: 0, priceChange: 1)],
                    replay: .init(from: "2020-02-28", to: "2020-02-29")),
            ])
    }

    @Test(arguments: [
        ("s: {shocks: [{all: true, price_abs: 1e13}]}", "s.shocks.0.price_abs outOfRange"),
        ("s: {shocks: [{all: true, price_abs: x}]}", "s.shocks.0.price_abs wrongType"),
        ("s: {shocks: [{tag: big, price: 0}]}", "s.shocks.0.tag unknownName"),
        ("s: {shocks: [{tag: big, all: true, price: 0}]}", "s.shocks.0 refused"),
        ("s: {fx: {EUR: -1}}", "s.fx.EUR outOfRange"),
        ("s: {fx: {EUR: 1000.5}}", "s.fx.EUR outOfRange"),
        ("s: {fx: {EUR: a}}", "s.fx.EUR wrongType"),
        ("s: {fx: {EUR: .inf}}", "s.fx.EUR wrongType"),
        ("s: {fx: {GBP: 0.1}}", "s.fx.GBP unknownName"),
        ("s: {fx: {USD: 0.1}}", "s.fx.USD refused"),
        ("s: {fx: {}}", "s.fx wrongType"),
        ("s: {fx: -0.1}", "s.fx wrongType"),
        ("s: {replay: 2020-02-28}", "s.replay wrongType"),
        ("s: {replay: {from: 2020-02-28}}", "s.replay missing"),
        ("s: {replay: {}}", "s.replay missing"),
        ("s: {replay: {from: 2020-02-28, until: 2020-02-29}}", "s.replay.until unknownName"),
        ("s: {replay: {from: 28/02/2020, to: 2020-02-29}}", "s.replay.from wrongType"),
        ("s: {replay: {from: 2020-02-27, to: 2020-02-29}}", "s.replay.from outOfRange"),
        ("s: {replay: {from: 2020-02-28, to: 2020-03-01}}", "s.replay.to outOfRange"),
        ("s: {replay: {from: 2020-02-29, to: 2020-02-29}}", "s.replay outOfRange"),
        ("s: {replay: {from: 2020-02-29, to: 2020-02-28}}", "s.replay outOfRange"),
        ("s: {shocks: [], fx: {EUR: 1}}", "s.shocks wrongType"),
    ])
    func aMistakeIsNamed(yaml: String, expected: String) throws {
        let problems = try self.problems(yaml)
        #expect(problems.contains("scenarios.yaml:1 \(expected)"), "\(problems)")
    }

    @Test func aReplayOutsideTheHistoryIsToldItsRange() throws {
        var set = DataSet()
        set.scenarios = "crisis: {replay: {from: 2008-09-12, to: 2020-02-29}}"
        let error = #expect(throws: DataFileError.self) { try set.load() }
        let expected = "crisis.replay.from is 2008-09-12; the history goes from 2020-02-28 to 2020-02-29"
        #expect(error?.problems.map(\.message) == [expected])
    }

    @Test func currenciesOfPairsAndAccountsMayMove() throws {
        var set = DataSet()
        set.instruments = """
            id,symbol,name,sector,currency,multiplier,tick_size,margin_rate,kind,base_currency
            7,AAA,Alpha,Technology,USD,1,0.01,0.25,,
            9,BBB,Euro in yen,FX,JPY,1,0.5,1,fx,CHF
            """
        set.scenarios = "s: {fx: {JPY: 0.1, CHF: 0.1, EUR: 0.1}}"
        #expect(try set.load().stressScenarios[0].currencyShocks.count == 3)
    }
}

@Suite struct QuantileLevelTests {
    @Test(arguments: [
        (QuantileDefinition.hazen, 9_900, 50, true), (.hazen, 9_900, 49, false), (.hazen, 100, 50, true),
        (.hazen, 100, 49, false), (.weibull, 9_900, 99, true), (.weibull, 9_900, 98, false), (.weibull, 100, 99, true),
        (.weibull, 100, 98, false), (.hazen, 5_000, 1, true), (.weibull, 5_000, 1, true), (.weibull, 5_000, 0, false),
        (.discrete, 9_999, 1, true), (.linear, 9_999, 1, true),
    ])
    func levelsEndWhereTheOutermostScenarioStands(
        definition: QuantileDefinition, confidence: Int, scenarios: Int, expected: Bool
    ) {
        #expect(definition.hasValue(confidence: confidence, scenarios: scenarios) == expected)
    }

    @Test func aLevelWithoutAValueIsRefusedAtLoad() throws {
        let convention = RiskConvention(confidences: [5_000, 9_000, 9_900], quantile: .hazen)
        let error = #expect(throws: DataFileError.self) { try DataSet().load(convention) }
        #expect(
            error?.problems.map(\.description)
                == [9_000, 9_900].map { level in
                    """
                    configuration: risk.confidences_bp has \(level), at which the hazen quantile of the 1 scenarios \
                    loaded has no value; allowed: 5000 to 5000, or another risk.quantile
                    """
                })
        #expect(throws: Never.self) {
            try DataSet().load(RiskConvention(confidences: [5_000], quantile: .weibull))
        }
    }
}
