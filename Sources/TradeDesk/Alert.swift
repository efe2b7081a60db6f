// SPDX-License-Identifier: Apache-2.0
// One alert: a limit that was reached, until it is over.

/// `raised ─► acknowledged ─► resolved`, or straight from raised to resolved.
public struct Alert: Sendable, Equatable, Codable {
    public enum Stage: String, Sendable, CaseIterable, Codable { case raised, acknowledged, resolved }

    /// Who said so, and when.
    public struct Signature: Sendable, Equatable, Codable {
        public var user: String
        /// Since 1970.
        public var timeNanoseconds: UInt64

        public init(user: String, timeNanoseconds: UInt64) {
            self.user = user
            self.timeNanoseconds = timeNanoseconds
        }
    }

    /// Ascending.
    public var id: UInt64
    /// As it was when the alert was raised.
    public var rule: LimitRule
    public var stage: Stage
    /// What raised it, the greatest since, and the latest.
    public var raisedValue: Double
    public var peakValue: Double
    public var latestValue: Double
    public var raisedNanoseconds: UInt64
    public var acknowledged: Signature?
    public var resolvedNanoseconds: UInt64?
    /// Who reset it, where it was latched.
    public var reset: Signature?

    init(id: UInt64, rule: LimitRule, value: Double, timeNanoseconds: UInt64) {
        self.id = id
        self.rule = rule
        self.stage = .raised
        self.raisedValue = value
        self.peakValue = value
        self.latestValue = value
        self.raisedNanoseconds = timeNanoseconds
    }
}
