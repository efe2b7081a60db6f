// SPDX-License-Identifier: Apache-2.0
// Seeded inputs for the kernels: ordinary numbers with the odd ones of IEEE 754 strewn in.

/// SplitMix64, and values drawn from it.
struct SpecialValues {
    private static let special: [Double] = [
        .nan, -Double.nan, .signalingNaN, Double(nan: 0x1234, signaling: false), Double(bitPattern: .max >> 1),
        0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude / 2,
        .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e300, -1e300, 1e-300, 1, -1,
    ]

    private var state: UInt64
    /// How many of a hundred values are special.
    private let specialPercent: UInt64

    init(seed: UInt64, specialPercent: UInt64) {
        state = seed
        self.specialPercent = specialPercent
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// From −1000 to 1000, all 53 bits in use so that every addition rounds; or special.
    mutating func value() -> Double {
        if next() % 100 < specialPercent { return Self.special[below(Self.special.count)] }
        return (Double(next() >> 11) * 0x1p-53 * 2 - 1) * 1000
    }

    mutating func values(_ count: Int) -> [Double] {
        (0..<count).map { _ in value() }
    }

    mutating func indices(_ count: Int, below bound: Int) -> [UInt32] {
        (0..<count).map { _ in UInt32(below(bound)) }
    }
}

/// Sizes around every vector width, tile and unrolling, and those of real use.
enum KernelSizes {
    static let all = Array(0...130) + [499, 500, 501, 2500]
}

extension Sequence<Double> {
    /// What "bit for bit" compares.
    var bits: [UInt64] { map(\.bitPattern) }
}
