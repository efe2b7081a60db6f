// SPDX-License-Identifier: Apache-2.0
// What the server or the way to it answered instead of a result.

import RiskStore

struct PostgresError: Error, CustomStringConvertible {
    /// Five characters of PostgreSQL's appendix A; `nil` where the server said nothing.
    var sqlState: String?
    var message: String

    var description: String { self.sqlState.map { "\(self.message) (\($0))" } ?? self.message }

    /// Whether the same may succeed on another connection or a little later: the connection, resources, an operator,
    /// a server that starts, a standby, a lock.
    var isPassing: Bool {
        guard let state = self.sqlState else { return true }
        return ["08", "53", "57", "58", "40"].contains(state.prefix(2)) || state == "55P03" || state == "25006"
    }

    /// The fence of ``WriterSession`` found another writer or another number of commits.
    var isFenced: Bool { self.sqlState == "22012" }
}

extension StoreError {
    /// Of something that was read.
    init(reading error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError where error.isPassing: self = .away(reason: error.message)
        default: self = .unreadable(reason: "\(error)")
        }
    }
}
