// SPDX-License-Identifier: Apache-2.0
// Notices that somebody set the system's clock. Pure: both clocks come in.

/// Compares how far the wall clock and the monotonic clock have moved between two looks.
public struct ClockWatch: Sendable {
    /// Less is drift, and what time servers correct by and by.
    public static let toleranceNanoseconds: Int64 = 1_000_000_000

    private var last: (wall: UInt64, monotonic: UInt64)?

    public init() {}

    /// - Returns: by how much the wall clock was set since the last look, forward or (below zero) back; `nil` where it
    ///   was not.
    public mutating func look(wallNanoseconds wall: UInt64, monotonicNanoseconds monotonic: UInt64) -> Int64? {
        defer { self.last = (wall, monotonic) }
        guard let last else { return nil }
        let step = Int64(bitPattern: wall &- last.wall) &- Int64(bitPattern: monotonic &- last.monotonic)
        return step.magnitude > Self.toleranceNanoseconds.magnitude ? step : nil
    }
}
