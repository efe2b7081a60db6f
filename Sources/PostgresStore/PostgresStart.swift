// SPDX-License-Identifier: Apache-2.0
// Opening a store: whose it is, what the outbox still holds, and whether everything acknowledged is there.

import Glibc
import RiskStore

/// What the writer begins with.
struct PostgresStart {
    var session: WriterSession
    var identity: String
    var writer: Int64
    var heads: ChainHeads
    var workingSet: WorkingSet
    var partitions: HistoryPartitions

    /// A daemon that ended a moment ago may still be known to the server.
    private static let lockAttempts = 20
    private static let lockPauseMicroseconds: UInt32 = 100_000
    /// Reading everything takes long; a server that says nothing for so long is given up.
    private static let verificationTimeoutMilliseconds = 3_600_000

    static func open(
        _ settings: PostgresStore.Settings, directory: StoreDirectory, outbox: Outbox,
        notice: (String) -> Void
    ) throws -> PostgresStart {
        try Self.prepareSchema(settings, directory: directory)
        let session = try WriterSession(settings.parameters, settings.session)
        for warning in try session.warnings() { notice(warning) }
        var attempts = 0
        while try !session.lock() {
            attempts += 1
            guard attempts < Self.lockAttempts else {
                throw StoreError.alreadyOpen(directory: "the schema \(settings.schema.text)")
            }
            usleep(Self.lockPauseMicroseconds)
        }
        var partitions = HistoryPartitions()
        try Self.drain(outbox, session, &partitions, notice)
        let acknowledged = try WriterHeads.load(directory)
        let server = try session.state()
        try Self.check(server, acknowledged, directory)
        let workingSet = try WorkingSet()
        let heads = try Self.verify(settings, workingSet, acknowledged?.heads ?? ChainHeads())
        let writer = try session.takeOver()
        try WriterHeads(identity: server.identity, heads: heads).save(directory)
        return PostgresStart(
            session: session, identity: server.identity, writer: writer, heads: heads, workingSet: workingSet,
            partitions: partitions)
    }

    /// Everything, seeing one moment, while nobody else can write.
    private static func verify(
        _ settings: PostgresStore.Settings, _ workingSet: WorkingSet, _ acknowledged: ChainHeads
    ) throws -> ChainHeads {
        let reader = try ReaderPool.connect(
            settings.parameters,
            SessionSettings(schema: settings.schema, timeoutMilliseconds: self.verificationTimeoutMilliseconds))
        defer { reader.close() }
        return try reader.atOneMoment { try workingSet.load($0, acknowledged: acknowledged) }
    }

    /// Makes or upgrades the tables where this role may.
    private static func prepareSchema(_ settings: PostgresStore.Settings, directory: StoreDirectory) throws {
        let reader = try ReaderPool.connect(settings.parameters, settings.session)
        let state = try reader.atOneMoment { try PostgresSchema.state($0) }
        reader.close()
        switch state {
        case .current: return
        case .newer: throw StoreError.newerSchema(path: "the schema \(settings.schema.text)")
        case .none where access(directory.database, F_OK) == 0:
            throw StoreError.refused(
                reason: "\(directory.path) holds a store of SQLite and the schema \(settings.schema.text) none; "
                    + "hint: tickrisk store copy")
        case .none, .older: break
        }
        do {
            try PostgresMaintenance.migrate(settings.parameters, schema: settings.schema, service: nil)
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw StoreError.refused(
                reason: "the schema \(settings.schema.text) is not of this version, and this role may not change it; "
                    + "hint: tickrisk store migrate, as its owner")
        }
    }

    /// Before anything else: it is older than whatever comes now.
    private static func drain(
        _ outbox: Outbox, _ session: WriterSession, _ partitions: inout HistoryPartitions, _ notice: (String) -> Void
    ) throws {
        guard let base = outbox.base, !outbox.records.isEmpty else { return }
        let entryCount = outbox.entryCount
        var heads = base.heads
        let applied = try outbox.appliedCount(on: try session.state())
        if applied > 0 { heads = outbox.records[applied - 1].heads }
        try outbox.drop(applied)
        while let record = outbox.records.first {
            try session.commit(
                record.writes, commits: (heads.commits, record.heads.commits), writer: base.writer,
                partitions: &partitions)
            heads = record.heads
            try outbox.drop(1)
        }
        notice("\(entryCount) entries of the outbox are in the database now")
    }

    private static func check(
        _ server: ServerState, _ acknowledged: WriterHeads?, _ directory: StoreDirectory
    ) throws {
        guard let acknowledged else { return }
        guard acknowledged.identity == server.identity else {
            throw StoreError.refused(
                reason: "\(directory.path) belongs to another database; hint: another store.directory, or this one "
                    + "moved away once that database is given up")
        }
    }
}

/// The file `server-heads`: which database the directory belongs to, and where its chains ended lately, so that a
/// server that came back without its newest transactions is noticed. It may be a second older than the last answer.
struct WriterHeads {
    var identity: String
    var heads: ChainHeads

    private static func path(_ directory: StoreDirectory) -> String { "\(directory.path)/server-heads" }

    static func load(_ directory: StoreDirectory) throws(StoreError) -> WriterHeads? {
        guard let text = try StoreDirectory.text(of: self.path(directory)) else { return nil }
        let parts = text.split(separator: "\n", maxSplits: 1)
        guard parts.count == 2 else { throw .headsUnreadable(reason: "it is not complete") }
        return WriterHeads(identity: String(parts[0]), heads: try HeadsFile.parse(String(parts[1])))
    }

    func save(_ directory: StoreDirectory) throws(StoreError) {
        try StoreDirectory.replace(Self.path(directory), "\(self.identity)\n\(HeadsFile.text(self.heads))")
    }
}
