// SPDX-License-Identifier: Apache-2.0
// Whether every part of a pipeline has moved since the last look.

/// Pure. The watchdog is fed when this says so, and so by the progress of loops and not by the clock that looks.
public struct ProgressGate: Sendable {
    private var seen: [UInt64] = []

    public init() {}

    /// True where each count has moved since the last true; those of the first look have all moved.
    ///
    /// - Parameter counts: turns of each loop, in the same order every time. They only grow, or wrap.
    public mutating func haveAllMoved(_ counts: [UInt64]) -> Bool {
        guard self.seen.count == counts.count else {
            self.seen = counts
            return true
        }
        guard zip(self.seen, counts).allSatisfy({ $0 != $1 }) else { return false }
        self.seen = counts
        return true
    }
}
