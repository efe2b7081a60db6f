// SPDX-License-Identifier: Apache-2.0
// Why the store refused.

import Glibc

/// What went wrong, with the facts. After ``failed(reason:)`` the store does nothing more; the process should end
/// and start again, which verifies what is on disk.
public enum StoreError: Error, Sendable, Equatable {
    // At start
    case alreadyOpen(directory: String)
    case insecurePermissions(path: String, mode: UInt32)
    /// A setting durability rests on is not what it was set to.
    case notDurable(setting: String, expected: String, actual: String)
    case notAStore(path: String)
    /// A newer program wrote this store.
    case newerSchema(path: String)
    /// Fewer rows (or, for `commits`, transactions) than were acknowledged.
    case tailLost(table: String, expectedCount: Int64, actualCount: Int64)
    /// A row's content is not what its digest was computed from.
    case rowChanged(table: String, sequence: Int64)
    /// A row is missing, or does not follow the one before it.
    case chainBroken(table: String, sequence: Int64)
    /// The last acknowledged row is sound in itself but another one: the table was rewritten.
    case headMismatch(table: String, sequence: Int64)
    case headsUnreadable(reason: String)
    /// A table derived from a chained one does not follow from it.
    case derivedTableDiffers(table: String)
    /// SQLite's own check found damage.
    case damaged(detail: String)

    // At work
    /// A write, commit or sync failed. Final for this instance.
    case failed(reason: String)
    case closed
    /// More entries wait than the queue holds; nothing of this call was kept.
    case queueFull(limit: Int)
    /// The database's server is away and this needs it; nothing of this call was kept, and it may be tried again.
    case away(reason: String)
    /// Another content stands under that name.
    case conflict(table: String, id: String)
    /// A constraint of the schema, such as an unknown account.
    case refused(reason: String)
    /// Text with a zero byte, a number that is not finite, or an integer beyond 2⁶³ − 1.
    case unstorable(value: String)
    case unreadable(reason: String)
    case fileSystem(operation: String, path: String, code: Int32)
}

extension StoreError {
    /// Whether the same call may succeed a little later.
    public var isPassing: Bool {
        switch self {
        case .queueFull, .away: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .alreadyOpen(let directory): "another process uses \(directory); hint: only one daemon a directory"
        case .insecurePermissions(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)), others may read it; hint: chmod go-rwx"
        case .notDurable(let setting, let expected, let actual):
            "\(setting) is \(actual), not \(expected); nothing written would be safe"
        case .notAStore(let path): "\(path) is a database of another program"
        case .newerSchema(let path): "\(path) was written by a newer version; hint: run that version"
        case .tailLost(let table, let expected, let actual):
            "\(table): \(expected) were acknowledged, \(actual) are there; hint: restore the backup"
        case .rowChanged(let table, let sequence): "\(table): row \(sequence) was changed after it was written"
        case .chainBroken(let table, let sequence): "\(table): row \(sequence) does not follow the one before it"
        case .headMismatch(let table, let sequence): "\(table): row \(sequence) is not the one acknowledged"
        case .headsUnreadable(let reason): "the file of chain heads cannot be used: \(reason)"
        case .derivedTableDiffers(let table): "\(table) does not follow from the journal"
        case .damaged(let detail): "the database is damaged: \(detail)"
        case .failed(let reason): "the store stopped and accepts nothing more: \(reason)"
        case .closed: "the store is closed"
        case .queueFull(let limit): "more than \(limit) entries wait for the disk"
        case .away(let reason): "the database server is away: \(reason)"
        case .conflict(let table, let id): "\(table): \(id) is there with another content"
        case .refused(let reason): "refused: \(reason)"
        case .unstorable(let value): "cannot be stored: \(value)"
        case .unreadable(let reason): "the database cannot be used: \(reason)"
        case .fileSystem(let operation, let path, let code): "\(operation) \(path): \(String(cString: strerror(code)))"
        }
    }
}
