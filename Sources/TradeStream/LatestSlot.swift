// SPDX-License-Identifier: Apache-2.0
// The newest value of one account on one topic: one is on its way, and only the newest waits behind it.

/// A value; whoever sends carries out what it says. At most one message of a slot is queued anywhere, so that all slots
/// together are a bounded queue.
package struct LatestSlot: Sendable, Equatable {
    /// Of the message on its way.
    private var inFlight: UInt64?
    /// Of the newest that a broker has.
    private var delivered: UInt64?
    /// Of the newest that waits behind ``inFlight``.
    private var waiting: UInt64?
    /// Values that were replaced by a newer one before a broker had them.
    package private(set) var conflatedCount: UInt64 = 0

    package init() {}

    /// - Parameter sequence: of the newest value.
    /// - Returns: whether it is to be sent now.
    package mutating func offer(_ sequence: UInt64) -> Bool {
        if sequence == self.delivered || sequence == self.inFlight { return false }
        guard self.inFlight != nil else {
            if let waiting, waiting != sequence { self.conflatedCount += 1 }
            self.waiting = nil
            self.inFlight = sequence
            return true
        }
        if let waiting, waiting != sequence { self.conflatedCount += 1 }
        self.waiting = sequence
        return false
    }

    /// A broker has it.
    package mutating func confirm() {
        self.delivered = self.inFlight
        self.inFlight = nil
    }

    /// It was not sent, or nobody took it: the newest is offered again.
    package mutating func fail() {
        if self.waiting == nil { self.waiting = self.inFlight } else { self.conflatedCount += 1 }
        self.inFlight = nil
    }
}
