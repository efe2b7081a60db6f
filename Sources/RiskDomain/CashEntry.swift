// SPDX-License-Identifier: Apache-2.0
// Money in or out of an account that no fill explains.

/// Cash that came or went without a trade.
public struct CashEntry: Sendable, Equatable, Codable {
    /// Unique for ever, among fills too.
    public var id: String
    public var account: String
    /// In the account's currency; negative leaves the account.
    public var amount: Double
    /// Such as `deposit`, `fee`, `dividend`.
    public var kind: String
    public var reason: String
    /// Who wrote it down.
    public var user: String
    /// Nanoseconds since 1970.
    public var timeNanoseconds: UInt64

    public init(
        id: String, account: String, amount: Double, kind: String, reason: String, user: String,
        timeNanoseconds: UInt64
    ) {
        self.id = id
        self.account = account
        self.amount = amount
        self.kind = kind
        self.reason = reason
        self.user = user
        self.timeNanoseconds = timeNanoseconds
    }
}
