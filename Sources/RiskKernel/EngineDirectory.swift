// SPDX-License-Identifier: Apache-2.0
// What an engine knows of the directory of instruments before its own, by which ticks may still be on their way.

import RiskDomain

/// Which directory an engine counts instruments by, and where those of the one before are in it.
///
/// ```
///  feed:    ticks by 4 │ ticks by 4 │ "5" │ ticks by 5       (each feed changes over when it comes to it)
///  engine:  translates … … … … … … … │  takes them as they are
/// ```
public struct EngineDirectory: Sendable {
    /// Ascending from 0.
    public let number: UInt64
    /// By index in the directory before: the index in this one; `nil` for what is gone.
    public let former: [Int?]

    /// The first.
    public init() {
        self.number = 0
        self.former = []
    }

    private init(number: UInt64, former: [Int?]) {
        self.number = number
        self.former = former
    }

    /// The one after it.
    public func next(from before: InstrumentDirectory, to after: InstrumentDirectory) -> EngineDirectory {
        EngineDirectory(number: self.number + 1, former: before.indices(in: after))
    }
}
