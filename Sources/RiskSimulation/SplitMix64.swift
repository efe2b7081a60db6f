// SPDX-License-Identifier: Apache-2.0
// The seeded random numbers behind every simulation.

import Glibc

/// SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): one 64-bit counter,
/// the same sequence for a seed on every machine. Not for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        self.state = seed
    }

    public mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        let first = (self.state ^ (self.state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        let second = (first ^ (first >> 27)) &* 0x94d0_49bb_1331_11eb
        return second ^ (second >> 31)
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    public mutating func nextUniform() -> Double {
        Double(self.next() >> 11) * 0x1p-53
    }

    /// Uniform in 0 ..< `bound`, by the high half of a product; its bias is below bound / 2⁶⁴.
    ///
    /// - Precondition: `bound` > 0.
    public mutating func nextIndex(below bound: Int) -> Int {
        precondition(bound > 0)
        return Int(self.next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Standard normal (Box & Muller 1958). Its last bit may depend on the C library's logarithm and cosine.
    public mutating func nextNormal() -> Double {
        let radius = (-2 * log(1 - self.nextUniform())).squareRoot()
        return radius * cos(2 * Double.pi * self.nextUniform())
    }

    /// Mean 0, variance 1, within ±2√3, near normal: the sum of four 16-bit uniforms (Irwin–Hall), from one draw and
    /// without logarithm, so it is cheap and the same bits everywhere.
    public mutating func nextApproximateNormal() -> Double {
        let bits = self.next()
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48)
        // Four discrete uniforms over 0...65535: mean 131,070, variance (2³² − 1)/3.
        return (Double(sum) - 131_070) * Self.irwinHallScale
    }

    private static let irwinHallScale = (3.0 / 4_294_967_295).squareRoot()
}
