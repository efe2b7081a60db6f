// SPDX-License-Identifier: Apache-2.0
// Every edge of the margin level's hysteresis.

import RiskDomain
import RiskMath
import Testing

@Suite struct MarginLevelRuleTests {
    @Test(arguments: [
        (MarginLevel.ok, 79.999, MarginLevel.ok), (.ok, 80, .warn), (.ok, 94.999, .warn), (.ok, 95, .critical),
        (.unknown, 79.999, .ok), (.unknown, 80, .warn), (.unknown, 95, .critical),
        (.warn, 94.999, .warn), (.warn, 95, .critical), (.warn, 75, .warn), (.warn, 74.999, .ok),
        (.critical, 90, .critical), (.critical, 89.999, .warn), (.critical, 75, .warn), (.critical, 74.999, .ok),
        (.critical, 250, .critical), (.warn, 0, .ok),
    ])
    func levelFollowsUtilisationWithHysteresis(before: MarginLevel, utilisation: Double, after: MarginLevel) {
        #expect(MarginLevelRule.next(level: before, utilisationPercent: utilisation) == after)
    }

    @Test(arguments: MarginLevel.allCases)
    func emptyLimitOrAbsentUseIsUnknown(before: MarginLevel) {
        #expect(MarginLevelRule.next(level: before, used: 5, limit: nil) == .unknown)
        #expect(MarginLevelRule.next(level: before, used: nil, limit: 5) == .unknown)
        #expect(MarginLevelRule.utilisationPercent(used: 5, limit: nil) == nil)
        #expect(MarginLevelRule.utilisationPercent(used: nil, limit: 5) == nil)
    }

    @Test(arguments: MarginLevel.allCases)
    func limitOfZeroIsCriticalAsSoonAsAnythingIsUsed(before: MarginLevel) {
        #expect(MarginLevelRule.next(level: before, used: 0, limit: 0) == .ok)
        #expect(MarginLevelRule.next(level: before, used: 0.01, limit: 0) == .critical)
        #expect(MarginLevelRule.utilisationPercent(used: 0.01, limit: 0) == nil)
    }

    @Test(arguments: [(75.0, 100.0, 75.0), (19, 20, 95), (4, 5, 80), (9, 10, 90), (3, 1, 300)])
    func utilisationIsExactAtTheThresholds(used: Double, limit: Double, percent: Double) {
        #expect(MarginLevelRule.utilisationPercent(used: used, limit: limit) == percent)
    }
}
