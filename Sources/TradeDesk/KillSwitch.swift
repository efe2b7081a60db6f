// SPDX-License-Identifier: Apache-2.0
// The switch that stops trading, of one account or of all.

/// Engaged, it denies new orders (``PreTradeGate``) and the open ones are cancelled. It depends on no price.
public struct KillSwitch: Sendable, Equatable, Codable {
    public struct Engagement: Sendable, Equatable, Codable {
        public var user: String
        public var why: String
        /// Since 1970.
        public var timeNanoseconds: UInt64

        public init(user: String, why: String, timeNanoseconds: UInt64) {
            self.user = user
            self.why = why
            self.timeNanoseconds = timeNanoseconds
        }
    }

    public enum Outcome: Sendable, Equatable {
        /// Cancel the open orders of the account; of every account where `nil`.
        case engaged(cancelOrdersOf: String?)
        /// What it was engaged by.
        case reset(Engagement)
        /// Already so: who engaged it first, and why, stays.
        case unchanged
    }

    public private(set) var global: Engagement?
    public private(set) var accounts: [String: Engagement] = [:]

    public init() {}

    /// - Parameter account: `nil` for all.
    public mutating func engage(_ account: String?, _ engagement: Engagement) -> Outcome {
        guard self.engagement(exactly: account) == nil else { return .unchanged }
        self.set(account, engagement)
        return .engaged(cancelOrdersOf: account)
    }

    /// Resets the one switch only: an account stays stopped by the global one, and the reverse. Who may do that is the
    /// caller's to know.
    public mutating func reset(_ account: String?) -> Outcome {
        guard let engagement = self.engagement(exactly: account) else { return .unchanged }
        self.set(account, nil)
        return .reset(engagement)
    }

    public func isEngaged(for account: String) -> Bool { self.global != nil || self.accounts[account] != nil }

    private func engagement(exactly account: String?) -> Engagement? {
        account.map { self.accounts[$0] } ?? self.global
    }

    private mutating func set(_ account: String?, _ engagement: Engagement?) {
        if let account {
            self.accounts[account] = engagement
        } else {
            self.global = engagement
        }
    }
}
