// SPDX-License-Identifier: Apache-2.0
// Everything that is written down before it takes effect.

import RiskDomain

/// One change of the desk. Entries appended together are kept together or not at all.
///
/// Orders, fills, cash, adjustments, books and audit entries are only ever added and are chained by digests. Everything
/// else has one current value, which the entry replaces.
public enum JournalEntry: Sendable, Equatable {
    /// An order as it is from now on; the first one for an identifier accepts it.
    case order(Order)
    /// Again with the same content it counts once, with another it is a conflict. So are the next two.
    case fill(Fill)
    case cash(CashEntry)
    case adjustment(PositionAdjustment)
    case book(OpeningBook)
    case audit(AuditEntry)

    /// A text under a name, the newest counts.
    case note(name: String, value: String)
    case limit(LimitRecord)
    case limitRemoved(id: String)
    case killSwitch(KillSwitch)
    case alert(AlertRecord)

    case user(UserRecord)
    case grant(AccountGrant)
    case grantRemoved(AccountGrant)
    case session(SessionRecord)
    case sessionEnded(tokenHash: String)
    case token(AccessToken)
    case tokenRevoked(id: String)

    /// The whole list, in its order.
    case watchlist(Watchlist)
    case watchlistRemoved(user: String, name: String)
    case preferences(UserPreferences)
    /// How far a stream from outside was taken in; appended with what was read up to there.
    case streamPosition(StreamPosition)
    /// One observation; it is folded into all resolutions.
    case history(HistoryPoint)
    /// Removes what lies before.
    case historyTrimmed(HistoryResolution, beforeSeconds: Int64)
}

/// What an append did.
public struct JournalReceipt: Sendable, Equatable {
    /// Entries written.
    public var appendedCount: Int
    /// Entries that were there already with the same content.
    public var repeatedCount: Int

    public init(appendedCount: Int, repeatedCount: Int) {
        self.appendedCount = appendedCount
        self.repeatedCount = repeatedCount
    }
}
