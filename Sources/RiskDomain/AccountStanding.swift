// SPDX-License-Identifier: Apache-2.0
// What an account may do.

/// Ascending by strictness.
public enum AccountStanding: String, Sendable, CaseIterable, Codable, Comparable {
    case active
    /// Only what brings a position nearer to 0.
    case reducing
    /// No new order at all; cancels pass.
    case halted

    public static func < (left: AccountStanding, right: AccountStanding) -> Bool {
        let order = Self.allCases
        return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
    }
}
