// SPDX-License-Identifier: Apache-2.0
// Events that change what a share is: splits and cash dividends.

/// An event of one instrument.
public struct CorporateAction: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// New shares per old one, above 0: 2 for a 2:1 split, 0.1 for ten joined into one.
        case split(ratio: Double)
        /// Cash per share in the instrument's currency, above 0.
        case dividend(amount: Double)
    }

    /// First day on which the instrument trades in its new form.
    public var date: CalendarDay
    public var symbol: String
    public var kind: Kind

    public init(date: CalendarDay, symbol: String, kind: Kind) {
        self.date = date
        self.symbol = symbol
        self.kind = kind
    }
}

/// A book and its history as they were written down, each part on its day.
public struct RecordedBook: Sendable, Equatable {
    public var instruments: [Instrument]
    public var accounts: [Account]
    public var positions: [DatedPosition]
    /// Closes as they were traded.
    public var history: ClosingHistory

    public init(
        instruments: [Instrument], accounts: [Account], positions: [DatedPosition], history: ClosingHistory
    ) {
        self.instruments = instruments
        self.accounts = accounts
        self.positions = positions
        self.history = history
    }
}

/// An event that cannot be applied.
public struct CorporateActionRefusal: Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// The dividend is not below the last close before it.
        case dividendNotBelowClose(Double)
        /// The dividend is in another currency than the account that holds the share.
        case foreignDividend(account: String, currency: String)
        /// Positions in this option on the share are of before and of after the event, or of unknown days: its strike
        /// cannot be right for both.
        case optionOfTwoDays(symbol: String)
        /// A close, cost, quantity, strike or cash would leave the range of numbers accepted in files.
        case beyondRange(symbol: String)
    }

    /// Index in the list applied.
    public var action: Int
    public var reason: Reason

    public init(action: Int, reason: Reason) {
        self.action = action
        self.reason = reason
    }
}
