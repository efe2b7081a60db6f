// SPDX-License-Identifier: Apache-2.0
// The switch that stops trading, of one account or of the house.

/// Halted, it denies new orders and the open ones are cancelled. It depends on no price.
public struct KillSwitch: Sendable, Equatable {
    public typealias State = AccountStanding

    /// `nil` is the whole house.
    public var account: String?
    public var state: State
    public var reason: String
    /// Who set it.
    public var user: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(account: String?, state: State, reason: String, user: String, timeNanoseconds: UInt64) {
        self.account = account
        self.state = state
        self.reason = reason
        self.user = user
        self.timeNanoseconds = timeNanoseconds
    }
}
