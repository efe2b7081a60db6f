// SPDX-License-Identifier: Apache-2.0
// Every kernel on every supported tier gives the scalar tier's bits, and the scalar tier gives the contract's.
import CKernels
import CPlatform
import Testing

@Suite struct KernelParityTests {
    /// Ordinary numbers only, some special ones, mostly special ones.
    private static let specialPercents: [UInt64] = [0, 5, 60]

    private static func tiersAndScalar() throws -> (scalar: KernelCalls, others: [KernelCalls]) {
        let tiers = try KernelCalls.supportedTiers.map { try #require(KernelCalls($0)) }
        return (tiers[0], Array(tiers.dropFirst()))
    }

    @Test(arguments: specialPercents)
    func markAgreesOnEveryTierAndWithTheContract(specialPercent: UInt64) throws {
        let (scalar, others) = try Self.tiersAndScalar()
        for count in KernelSizes.all {
            let seed = UInt64(count) + 1
            var values = SpecialValues(seed: seed, specialPercent: specialPercent)
            let book = MarkBook(count: count, instrumentCount: 1 + values.below(60), from: &values)
            let expected = scalar.mark(book).bits
            #expect(expected == KernelContract.mark(book).bits, "contract, \(count) positions, seed \(seed)")
            for tier in others {
                #expect(tier.mark(book).bits == expected, "\(tier.name), \(count) positions, seed \(seed)")
            }
        }
    }

    @Test(arguments: specialPercents)
    func weightedRowsAgreeOnEveryTierAndWithTheContract(specialPercent: UInt64) throws {
        let (scalar, others) = try Self.tiersAndScalar()
        for columns in KernelSizes.all {
            let seed = UInt64(columns) + 1
            var values = SpecialValues(seed: seed, specialPercent: specialPercent / 5)
            let stride = (columns + 7) / 8 * 8 + 8 * values.below(2)
            let rowCount = 1 + values.below(20)
            let rows = values.values(rowCount * stride)
            for count in [0, 1, 2, 7, 20] {
                let row = values.indices(count, below: rowCount)
                let weight = values.values(count)
                func sums(_ tier: KernelCalls) -> [UInt64] {
                    tier.weightedRows(rows, stride: stride, row: row, weight: weight, columns: columns).bits
                }
                let expected = sums(scalar)
                let contract = KernelContract.weightedRows(
                    rows, stride: stride, row: row, weight: weight, columns: columns)
                let place = "\(columns) columns, \(count) rows, seed \(seed)"
                #expect(expected == contract.bits, "contract, \(place)")
                for tier in others { #expect(sums(tier) == expected, "\(tier.name), \(place)") }
            }
        }
    }

    @Test(arguments: specialPercents)
    func sumsOfTheSameRowsTogetherAreTheirSumsAlone(specialPercent: UInt64) throws {
        let (scalar, others) = try Self.tiersAndScalar()
        for columns in KernelSizes.all {
            let seed = UInt64(columns) + 1
            var values = SpecialValues(seed: seed, specialPercent: specialPercent / 5)
            let stride = (columns + 7) / 8 * 8 + 8 * values.below(2)
            let rowCount = 1 + values.below(20)
            let rows = values.values(rowCount * stride)
            for count in [0, 1, 2, 7, 20] {
                let row = values.indices(count, below: rowCount)
                let weights = (0..<Int(TR_WEIGHTED_TOGETHER)).map { _ in values.values(count) }
                let alone = weights.map {
                    scalar.weightedRows(rows, stride: stride, row: row, weight: $0, columns: columns).bits
                }
                for tier in [scalar] + others {
                    let together = tier.weightedTogether(
                        rows, stride: stride, row: row, weights: weights, columns: columns)
                    #expect(together.map(\.bits) == alone, "\(tier.name), \(columns) columns, seed \(seed)")
                }
            }
        }
    }

    /// Every way of using registers and memory: up to 130 kept, and all.
    private static func wantedCounts(of count: Int, _ values: inout SpecialValues) -> Set<Int> {
        let usual = [0, 1, 2, 7, 8, 9, 16, 17, 26, 32, 33, 64, 65, 126, 128, 129, count / 2, count - 1, count]
        return Set((usual + [values.below(count + 1)]).filter { (0...count).contains($0) })
    }

    @Test(arguments: specialPercents)
    func tailAgreesOnEveryTierAndWithTheContract(specialPercent: UInt64) throws {
        let (scalar, others) = try Self.tiersAndScalar()
        for count in KernelSizes.all {
            let seed = UInt64(count) + 1
            var values = SpecialValues(seed: seed, specialPercent: specialPercent)
            let array = values.values(count)
            for wanted in Self.wantedCounts(of: count, &values) {
                let place = "\(wanted) of \(count), seed \(seed)"
                let expected = scalar.tail(array, wanted: wanted).bits
                let contract = KernelContract.tail(array, wanted: wanted).bits
                #expect(expected == contract, "contract, \(place)")
                for tier in others {
                    #expect(tier.tail(array, wanted: wanted).bits == expected, "\(tier.name), \(place)")
                }
            }
        }
    }

    @Test(arguments: ["ascending", "descending", "equal"])
    func tailAgreesOnOrderedInputs(order: String) throws {
        let (scalar, others) = try Self.tiersAndScalar()
        let ascending = (0..<500).map { Double($0) - 250 }
        let equal = [Double](repeating: -1.5, count: 500)
        let array = order == "ascending" ? ascending : order == "descending" ? ascending.reversed() : equal
        for wanted in [1, 26, 128, 200, 500] {
            let expected = scalar.tail(array, wanted: wanted)
            #expect(expected == array.sorted().prefix(wanted).map { $0 }, "\(wanted) \(order)")
            for tier in others {
                #expect(tier.tail(array, wanted: wanted) == expected, "\(tier.name), \(wanted) \(order)")
            }
        }
    }

    @Test func wantingMoreThanThereIsTrapsOnEveryTier() async {
        await #expect(processExitsWith: .failure) { KernelTraps.wantTooMany(TR_TIER_SCALAR) }
        if tr_tier_supported(TR_TIER_AVX2) {
            await #expect(processExitsWith: .failure) { KernelTraps.wantTooMany(TR_TIER_AVX2) }
        }
        if tr_tier_supported(TR_TIER_AVX512) {
            await #expect(processExitsWith: .failure) { KernelTraps.wantTooMany(TR_TIER_AVX512) }
        }
        if tr_tier_supported(TR_TIER_NEON) {
            await #expect(processExitsWith: .failure) { KernelTraps.wantTooMany(TR_TIER_NEON) }
        }
    }
}

private enum KernelTraps {
    static func wantTooMany(_ tier: tr_tier) {
        var smallest = [0.0, 0.0]
        tr_kernels_of(tier)?.pointee.tail([1.0], 1, 2, &smallest)
    }
}
