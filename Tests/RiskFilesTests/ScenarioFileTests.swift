// SPDX-License-Identifier: Apache-2.0
// The scenario file: targets, shocks and what is refused.

import RiskDomain
import RiskFiles
import Testing

@Suite struct ScenarioFileTests {
    @Test func everyTargetIsRead() throws {
        var set = DataSet()
        set.scenarios = """
            # two scenarios
            mixed:
              shocks:
                - {all: true, price: -0.10, vol_points: 10}
                - {sector: Energy, price: 0.2}
                - {currency: EUR, price: -1}
                - instrument: AAA
                  price: 1e-1
                  vol_points: -2.5
            up: {shocks: [{all: true, price: 0.05}]}
            """
        #expect(
            try set.load().stressScenarios == [
                StressScenario(
                    name: "mixed",
                    shocks: [
                        StressShock(target: .all, price: -0.1, volatilityPoints: 10),
                        StressShock(target: .sector("Energy"), price: 0.2),
                        StressShock(target: .currency("EUR"), price: -1),
                        StressShock(target: .instrument("AAA"), price: 0.1, volatilityPoints: -2.5),
                    ]),
                StressScenario(name: "up", shocks: [StressShock(target: .all, price: 0.05)]),
            ])
        set.scenarios = ""
        #expect(try set.load().stressScenarios.isEmpty)
    }

    @Test(arguments: [
        ("s: {shocks: [{price: 1}]}", "s.shocks.0 missing"),
        ("s: {shocks: [{all: true}]}", "s.shocks.0 missing"),
        ("s: {shocks: [{all: true, sector: Energy, price: 1}]}", "s.shocks.0 refused"),
        ("s: {shocks: [{all: false, price: 1}]}", "s.shocks.0.all wrongType"),
        ("s: {shocks: [{all: true, price: -1.1}]}", "s.shocks.0.price outOfRange"),
        ("s: {shocks: [{all: true, price: \"1\"}]}", "s.shocks.0.price wrongType"),
        ("s: {shocks: [{all: true, price: .nan}]}", "s.shocks.0.price wrongType"),
        ("s: {shocks: [{all: true, price: 10%}]}", "s.shocks.0.price wrongType"),
        ("s: {shocks: [{all: true, price: 0, vol_points: 1e4}]}", "s.shocks.0.vol_points outOfRange"),
        ("s: {shocks: [{all: true, prise: 0, price: 0}]}", "s.shocks.0.prise unknownName"),
        ("s: {shocks: [{instrument: AAZ, price: 0}]}", "s.shocks.0.instrument unknownName"),
        ("s: {shocks: [{sector: Enrgy, price: 0}]}", "s.shocks.0.sector unknownName"),
        ("s: {shocks: [{currency: GBP, price: 0}]}", "s.shocks.0.currency unknownName"),
        ("s: {shocks: [{all: true, price: 0}, {all: true, price: 1}]}", "s.shocks.1 duplicate"),
        ("s: {shocks: []}", "s.shocks wrongType"),
        ("s: {shock: []}", "s.shock unknownName"),
        ("s: {}", "s missing"),
        ("s: 5", "s wrongType"),
        ("'a b': {shocks: [{all: true, price: 0}]}", "a b outOfRange"),
        ("s: {shocks: [5]}", "s.shocks.0 wrongType"),
        ("[]", "- wrongType"),
        ("s: {shocks: [{all: true, price: 0}], shocks: []}", "s.shocks duplicate"),
    ])
    func aMistakeIsNamed(yaml: String, expected: String) throws {
        var set = DataSet()
        set.scenarios = yaml
        let problems = try set.problems()
        #expect(problems.contains("scenarios.yaml:1 \(expected)"), "\(problems)")
    }

    @Test func unknownTargetsComeWithTheNearest() throws {
        var set = DataSet()
        set.scenarios = "\ns: {shocks: [{sector: Enrgy, price: 0}]}"
        let error = #expect(throws: DataFileError.self) { try set.load() }
        let expected = "scenarios.yaml:2: s.shocks.0.sector: unknown sector Enrgy; did you mean Energy?"
        #expect(error?.description.hasSuffix(expected) == true)
    }
}
