// SPDX-License-Identifier: Apache-2.0
// Numbers that units give to orders and alerts: each has a range of its own, so that a number says whose it is.

public enum UnitNumbers {
    /// A million million for each partition.
    private static let bits = 40
    /// So that numbers stay exact in JSON (2^53).
    public static let partitionsMax = 1 << 13

    /// A unit's numbers are above this.
    public static func floor(partition: Int) -> UInt64 { UInt64(partition) << Self.bits }

    /// Whose unit gave a number.
    public static func partition(of number: UInt64) -> Int { Int((max(number, 1) - 1) >> Self.bits) }
}
