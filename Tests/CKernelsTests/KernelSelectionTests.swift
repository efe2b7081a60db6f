// SPDX-License-Identifier: Apache-2.0
// The function table: a forced tier is the tier that is used, and a tier that cannot run has no kernels.
import CKernels
import CPlatform
import Testing

@Suite struct KernelSelectionTests {
    private static let tiers = (0..<UInt32(TR_TIER_COUNT)).map { tr_tier(rawValue: $0) }

    @Test func aForcedTierHasItsOwnKernels() throws {
        for name in Self.tiers.map({ String(cString: tr_tier_name($0)) }) {
            var tier = TR_TIER_SCALAR
            guard tr_tier_choose(name, &tier) == TR_TIER_OK else { continue }
            let kernels = try #require(tr_kernels_of(tier))
            #expect(kernels.pointee.tier == tier)
            #expect(String(cString: tr_tier_name(kernels.pointee.tier)) == name)
        }
    }

    @Test func noTwoTiersShareAKernel() throws {
        let addresses = try KernelCalls.supportedTiers.flatMap { tier in
            let kernels = try #require(tr_kernels_of(tier)).pointee
            return [
                unsafeBitCast(kernels.mark, to: Int.self), unsafeBitCast(kernels.weighted_rows, to: Int.self),
                unsafeBitCast(kernels.weighted_together, to: Int.self),
                unsafeBitCast(kernels.tail, to: Int.self), unsafeBitCast(kernels.option_values, to: Int.self),
            ]
        }
        #expect(Set(addresses).count == addresses.count)
    }

    @Test func aTierHasKernelsExactlyWhenItIsSupported() {
        for tier in Self.tiers { #expect((tr_kernels_of(tier) != nil) == tr_tier_supported(tier)) }
        #expect(tr_kernels_of(tr_tier(rawValue: UInt32(TR_TIER_COUNT))) == nil)
    }

    @Test func anUnsupportedTierIsToldAndAnUnknownNameFails() {
        var tier = TR_TIER_SCALAR
        for unsupported in Self.tiers where !tr_tier_supported(unsupported) {
            #expect(tr_tier_choose(tr_tier_name(unsupported), &tier) == TR_TIER_NOT_SUPPORTED)
        }
        #expect(tr_tier_choose("avx1024", &tier) == TR_TIER_UNKNOWN_NAME)
    }
}
