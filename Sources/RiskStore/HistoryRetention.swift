// SPDX-License-Identifier: Apache-2.0
// How long history is kept.

/// Ages after which points are removed, by resolution. What is not named is kept for ever.
public struct HistoryRetention: Sendable, Equatable {
    /// In seconds, > 0.
    public var ages: [HistoryResolution: Int64]

    public init(ages: [HistoryResolution: Int64]) { self.ages = ages }

    /// Journal these every now and then, an hour apart or so.
    /// - Parameter nowSeconds: since 1970.
    public func trims(nowSeconds: Int64) -> [JournalEntry] {
        HistoryResolution.allCases.compactMap { resolution in
            self.ages[resolution].map { .historyTrimmed(resolution, beforeSeconds: nowSeconds - $0) }
        }
    }
}
