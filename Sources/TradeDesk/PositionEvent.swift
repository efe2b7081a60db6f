// SPDX-License-Identifier: Apache-2.0
// What changes positions and cash, as it stands in the journal.

import RiskDomain

public enum PositionEvent: Sendable, Equatable, Codable {
    /// An execution, a manual adjustment (a fill without order), or the reversal of an earlier fill.
    case fill(Fill)
    case cash(CashEntry)
    /// A trading day, in days since 1970, ends. A symbol without a close has no prior close on the next day.
    case dayRoll(day: Int, closes: [String: Double])
}

public enum PositionOutcome: Sendable, Equatable {
    case applied
    /// Seen before, or a roll of a day that has ended already: nothing changed.
    case repeated
    case refused(PositionRefusal)
}

public enum PositionRefusal: Sendable, Equatable {
    case unknownAccount(String)
    case unknownSymbol(String)
    /// Quantity 0, or a number that is not finite, or a rate that is not above 0.
    case unfitNumber(id: String)
    /// The fill to be reversed is not known.
    case nothingToReverse(id: String)
    case alreadyReversed(id: String)
    /// A reversal that is not the exact opposite of its fill.
    case unequalReversal(id: String)
}

extension Fill {
    /// The entry that undoes this fill: same price and rate, opposite quantity and fees.
    ///
    /// - Parameter id: of the reversal, unique for ever.
    public func reversal(id: String, timeNanoseconds: UInt64) -> Fill {
        Fill(
            id: id, orderID: self.orderID, account: self.account, symbol: self.symbol, quantity: -self.quantity,
            price: self.price, rate: self.rate, fees: 0 - self.fees, timeNanoseconds: timeNanoseconds,
            reverses: self.id)
    }
}
