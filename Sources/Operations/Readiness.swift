// SPDX-License-Identifier: Apache-2.0
// Whether the daemon can do its job now, and if not, why.

/// The answer of `/readyz`.
public struct Readiness: Sendable, Equatable {
    /// What is missing, for people; empty when ready.
    public var reasons: [String]

    public init(reasons: [String] = []) { self.reasons = reasons }

    public var isReady: Bool { self.reasons.isEmpty }
}
