// SPDX-License-Identifier: Apache-2.0
// Scenarios from the worst to the best, each known by its index.

/// The indices of scenarios by ascending P&L.
///
/// Of scenarios with the same P&L the earlier index comes first, so that what is read off a scenario, such as the
/// part each position has in it, is the same in every run.
public struct RankedScenarios: Sendable, Equatable {
    /// Scenario indices, the worst first; in the gain tail the best first.
    public let order: [Int]

    /// - Parameter pnl: one finite value a scenario.
    public init(_ pnl: [Double], tail: Tail = .loss) {
        let pnl = tail.losing(pnl)
        self.order = pnl.indices.sorted { left, right in
            pnl[left] == pnl[right] ? left < right : pnl[left] < pnl[right]
        }
    }

    /// The k worst scenarios, the worst first; all where there are fewer.
    public func worst(_ count: Int) -> [Int] { Array(self.order.prefix(count)) }
}
