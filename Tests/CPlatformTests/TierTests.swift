// SPDX-License-Identifier: Apache-2.0
// A tier is chosen by name or as the best of this CPU; a wrong name and a missing instruction set are told apart.
import CPlatform
import Testing

@Suite struct TierTests {
    private static let tiers = (0..<UInt32(TR_TIER_COUNT)).map { tr_tier(rawValue: $0) }

    @Test func theBestTierIsTheHighestSupportedOne() {
        #expect(Self.tiers.last(where: tr_tier_supported) == tr_tier_detect())
    }

    @Test func theScalarTierIsSupportedEverywhere() {
        #expect(tr_tier_supported(TR_TIER_SCALAR))
    }

    @Test func noNameChoosesTheBest() {
        for name in [nil, ""] as [String?] {
            var tier = TR_TIER_SCALAR
            #expect(tr_tier_choose(name, &tier) == TR_TIER_OK)
            #expect(tier == tr_tier_detect())
        }
    }

    @Test func aForcedTierIsTheTierOrIsToldToBeUnsupported() {
        for wanted in Self.tiers {
            let untouched = tr_tier(rawValue: 99)
            var tier = untouched
            let result = tr_tier_choose(tr_tier_name(wanted), &tier)
            if tr_tier_supported(wanted) {
                #expect(result == TR_TIER_OK)
                #expect(tier == wanted)
            } else {
                #expect(result == TR_TIER_NOT_SUPPORTED)
                #expect(tier == untouched)
            }
        }
    }

    @Test(arguments: ["sse9", "AVX2", "avx", "avx5122", " scalar", "unknown"])
    func anUnknownNameFailsAndChoosesNothing(name: String) {
        let untouched = tr_tier(rawValue: 99)
        var tier = untouched
        #expect(tr_tier_choose(name, &tier) == TR_TIER_UNKNOWN_NAME)
        #expect(tier == untouched)
    }

    @Test func whatIsNoTierIsUnsupportedAndHasNoName() {
        let none = tr_tier(rawValue: UInt32(TR_TIER_COUNT))
        #expect(!tr_tier_supported(none))
        #expect(String(cString: tr_tier_name(none)) == "unknown")
    }
}
