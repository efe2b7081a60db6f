// SPDX-License-Identifier: Apache-2.0
// What the clients of one event loop saw.

import FrameCodec

/// Counts and clocks of a run; merged over the loops at the end.
struct LoadTally {
    var clocks = LatencyClocks()
    var frames: UInt64 = 0
    var bytes: UInt64 = 0
    /// Deltas that did not start where the client was: must stay 0.
    var holes: UInt64 = 0
    /// Snapshots of all clients, first ones included.
    var snapshots: UInt64 = 0
    /// Snapshots after the first: the client was skipped and resynchronised.
    var resynchronised: UInt64 = 0
    /// Frames decoded whole, with the checksum compared where one came.
    var verified: UInt64 = 0
    /// Of those, the states whose checksum was there and held.
    var hashes: UInt64 = 0
    /// Bytes of decoded frames of the window, and of the JSON that tells the same.
    var comparedBytes: UInt64 = 0
    var jsonBytes: UInt64 = 0
    /// Frames that did not decode, or did not match their checksum.
    var corrupt: UInt64 = 0
    var disconnects: UInt64 = 0
    var orders = OrderTally()

    mutating func add(_ other: LoadTally) {
        self.clocks.add(other.clocks)
        self.frames += other.frames
        self.bytes += other.bytes
        self.holes += other.holes
        self.snapshots += other.snapshots
        self.resynchronised += other.resynchronised
        self.verified += other.verified
        self.hashes += other.hashes
        self.comparedBytes += other.comparedBytes
        self.jsonBytes += other.jsonBytes
        self.corrupt += other.corrupt
        self.disconnects += other.disconnects
        self.orders.add(other.orders)
    }
}
