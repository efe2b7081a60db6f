// SPDX-License-Identifier: Apache-2.0
// The numbers of a unit's frames and events, over all engines that ever had its partition.

/// How often a partition's store was taken over: whoever has the greatest has the partition.
///
/// A unit begins its frames' sequences and its events' numbers above those of every generation before, so a reader that
/// drops what is not newer than what it has also drops whatever somebody fenced off still sends.
public struct Generation: Sendable, Hashable, Comparable {
    /// Frames of a generation: 13 years of ten a second.
    private static let bits = 32
    /// So that numbers stay exact in JSON (2^53).
    public static let max = Generation(1 << 20)

    public let number: Int64

    /// - Parameter number: 0 for a node that is alone, at most ``max``.
    public init(_ number: Int64) { self.number = number }

    /// A node without a fleet.
    public static let alone = Generation(0)

    /// Numbers of the generation are above this.
    public var floor: UInt64 { UInt64(self.number) << Self.bits }

    public static func < (left: Generation, right: Generation) -> Bool { left.number < right.number }
}
