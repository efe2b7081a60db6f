// SPDX-License-Identifier: Apache-2.0
// The scaled integers that binary frames carry in place of doubles.

import Glibc  // links libm, which rounding calls on processors without an instruction for it

/// Conversions between a number and its integer `n = value · 10^decimals`, and the mark of an absent cell.
enum CellInteger {
    /// Also what the checksum sees for an absent cell.
    static let absent = Int64.min
    /// Integers lie within ± this, so that the difference of two still fits a varint after zigzag and + 1.
    static let magnitudeMax: Int64 = (1 << 62) - 1

    /// 10^0 … 10^18, all exact.
    private static let powersOfTen: [Double] = (0...FrameLimits.decimalsMax).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// Rounds to nearest, ties to even; saturates at ± ``magnitudeMax``; NaN is ``absent``.
    static func quantised(_ value: Double, decimals: Int) -> Int64 {
        let scaled = (value * self.powersOfTen[decimals]).rounded(.toNearestOrEven)
        if scaled.magnitude < 0x1p62 { return Int64(scaled) }
        if scaled.isNaN { return self.absent }
        return scaled < 0 ? -self.magnitudeMax : self.magnitudeMax
    }

    /// The index of a choice; anything but a valid index is ``absent``.
    static func choice(_ value: Double, count: Int) -> Int64 {
        value >= 0 && value < Double(count) ? Int64(value) : self.absent
    }

    /// The double that all decoders show: `n` as a double divided by 10^decimals.
    static func value(of integer: Int64, decimals: Int) -> Double {
        integer == self.absent ? .nan : Double(integer) / self.powersOfTen[decimals]
    }

    static func zigzag(_ integer: Int64) -> UInt64 { UInt64(bitPattern: (integer << 1) ^ (integer >> 63)) }

    static func unzigzag(_ bits: UInt64) -> Int64 { Int64(bitPattern: (bits >> 1) ^ (0 &- (bits & 1))) }
}
