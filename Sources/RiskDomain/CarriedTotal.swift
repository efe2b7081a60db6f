// SPDX-License-Identifier: Apache-2.0
// What an account has realised and paid before a day began.

/// Carried from one book to the next: without a symbol the account's own, with one that of a position still held.
public struct CarriedTotal: Sendable, Equatable {
    public var account: String
    /// `nil`: realised by positions that are gone, and all fees.
    public var symbol: String?
    /// In the account's currency, without fees.
    public var realised: Double
    /// ≤ 0, in the account's currency; 0 where there is a symbol.
    public var fees: Double

    public init(account: String, symbol: String? = nil, realised: Double, fees: Double = 0) {
        self.account = account
        self.symbol = symbol
        self.realised = realised
        self.fees = fees
    }
}
