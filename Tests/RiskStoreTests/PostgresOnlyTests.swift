// SPDX-License-Identifier: Apache-2.0
// What only a server has: settings, roles, connection strings, partitions, and stores that come from SQLite.

import Foundation
import PostgresStore
import RiskDomain
import RiskStore
import Testing

@Suite struct PostgresOnlyTests {
    @Test(arguments: [
        "postgresql://desk@db.example/tickrisk", "host=db.example sslmode=require", "host=db.example sslmode=verify-ca",
        "hostaddr=10.0.0.1 host=localhost", "host=/run/postgresql,db.example", "host=127.0.0.1.example",
        "postgresql://desk:secret@localhost/tickrisk", "host=localhost password=secret", "service=desk", "nonsense",
    ])
    func connectionStringsThatWouldShowOrTrustTooMuchAreRefused(url: String) {
        let error = #expect(throws: StoreError.self) { try ConnectionParameters(url) }
        #expect(!"\(String(describing: error))".contains("secret"))
    }

    @Test(arguments: [
        "postgresql://desk@db.example/tickrisk?sslmode=verify-full", "host=/run/postgresql dbname=tickrisk",
        "host=127.0.0.1", "host=localhost", "host=::1 port=5433", "dbname=tickrisk", "host=@abstract",
        "host=db1,db2 sslmode=verify-full",
    ])
    func connectionStringsThatStayHereOrProveTheServerAreTaken(url: String) throws {
        _ = try ConnectionParameters(url, password: "from a file")
    }

    @Test(arguments: ["", "Desk", "pg_desk", "a-b", "1a", "a\"b", String(repeating: "a", count: 64)])
    func schemasThatNeedQuotesAreRefused(name: String) {
        #expect(throws: StoreError.self) { try SchemaName(name) }
    }

    @Test func aServerThatDoesNotSyncIsRefused() async throws {
        let server = try PostgresServer()
        let folder = try StoreFolder(.postgres, server: server)
        // Each alone: it is refused in a transaction.
        try server.execute("ALTER SYSTEM SET fsync = off")
        try server.execute("SELECT pg_reload_conf()")
        // Signals are taken when the server gets to it.
        let deadline = ContinuousClock.now + .seconds(30)
        while try server.execute("SHOW fsync") != "off\n" { try #require(ContinuousClock.now < deadline) }
        #expect(folder.openingError() == .notDurable(setting: "fsync", expected: "on", actual: "off"))
    }

    @Test func aSchemaOfANewerVersionIsRefused() async throws {
        let folder = try StoreFolder(.postgres)
        let store = try folder.open()
        try await store.close()
        try folder.tamper("INSERT INTO migrations (identifier) VALUES ('999')")
        #expect(folder.openingError() == .newerSchema(path: "the schema \(folder.schema)"))
    }

    @Test func theRoleOfTheDaemonCanAddAndNotRewrite() async throws {
        let server = try PostgresServer()
        let folder = try StoreFolder(.postgres, server: server)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let scripts = root.appendingPathComponent("packaging/postgresql")
        try server.execute(try String(contentsOf: scripts.appendingPathComponent("roles.sql"), encoding: .utf8))
        let schema = try SchemaName(SchemaName.standard)
        func role(_ name: String) throws -> ConnectionParameters {
            try ConnectionParameters("host=\(server.folder) user=\(name) dbname=postgres")
        }
        // The daemon's role may not make its tables.
        let settings = PostgresStore.Settings(parameters: try role("tickrisk"), schema: schema, directory: folder.store)
        let refusal = #expect(throws: StoreError.self) { try PostgresStore(settings) }
        #expect("\(String(describing: refusal))".contains("tickrisk store migrate"))
        try PostgresMaintenance.migrate(try role("tickrisk_owner"), schema: schema, service: "tickrisk")
        try server.execute(
            try String(contentsOf: scripts.appendingPathComponent("hide-credentials.sql"), encoding: .utf8))
        let store = try PostgresStore(settings)
        try await store.append([.book(RandomJournal.book())])
        try await store.append(StoreStartTests.trade(1))
        // Its partitions are made, and dropped, for it.
        let point = HistoryPoint(account: nil, seconds: 86_400 * 365, totalPnL: 1)
        try await store.append([.history(point)])
        #expect(try Self.partitions(server, schema) == 4)
        try await store.append([.historyTrimmed(.second, beforeSeconds: 86_400 * 400)])
        #expect(try Self.partitions(server, schema) == 2)
        try await store.append([.history(point)])
        #expect(try await store.history(account: nil, resolution: .second, fromSeconds: 0, limit: 9).count == 1)
        try await store.close()
        for statement in [
            "UPDATE fills SET price = 1", "DELETE FROM audit", "TRUNCATE order_events",
            "ALTER TABLE fills ADD x INT", "CREATE TABLE mine (a INT)", "DROP TABLE history_day",
        ] {
            #expect(throws: PostgresServer.Missing.self, "\(statement)") {
                try server.execute("SET ROLE tickrisk; \(statement)", schema: schema.text)
            }
        }
        // Whoever makes reports sees fills and no hashes.
        let count = try server.execute("SET ROLE tickrisk_reader; SELECT count(*) FROM fills", schema: schema.text)
        #expect(count == "1\n")
        #expect(throws: PostgresServer.Missing.self) {
            try server.execute("SET ROLE tickrisk_reader; SELECT * FROM users", schema: schema.text)
        }
    }

    private static func partitions(_ server: PostgresServer, _ schema: SchemaName) throws -> Int? {
        let sql = """
            SELECT count(*) FROM pg_inherits WHERE inhparent IN ('history_second'::regclass, 'history_minute'::regclass)
            """
        return Int(try server.execute(sql, schema: schema.text).dropLast())
    }

    @Test func manyPointsAtOnceAreFoldedLikeSingleOnes() async throws {
        let folder = try StoreFolder(.postgres)
        let store = try folder.open()
        try await store.append([.book(RandomJournal.book())])
        let points = (0..<400).map { (index: Int) -> HistoryPoint in
            let total: Double? = index % 7 == 0 ? nil : Double(index % 13) - 6.5
            return HistoryPoint(
                account: index.isMultiple(of: 2) ? nil : "ALPHA", seconds: Int64(1_000 + index / 4), totalPnL: total,
                dayPnL: 0.1 * Double(index))
        }
        let model = MemoryStore()
        // With a removal between them, and a day that comes back after it.
        var entries: [JournalEntry] = points.map { .history($0) }
        entries.append(.historyTrimmed(.second, beforeSeconds: 1_010))
        entries.append(.history(points[0]))
        try await model.append(entries)
        try await store.append(entries)
        for account in [nil, "ALPHA"] as [String?] {
            for resolution in HistoryResolution.allCases {
                let stored = try await store.history(
                    account: account, resolution: resolution, fromSeconds: 0, limit: 1_000)
                let expected = try await model.history(
                    account: account, resolution: resolution, fromSeconds: 0, limit: 1_000)
                #expect(stored == expected && !stored.isEmpty)
            }
        }
        try await store.close()
    }

    @Test(arguments: UInt64(11)...12)
    func aStoreOfSQLiteIsCopiedRowByRow(seed: UInt64) async throws {
        print("seed \(seed)")
        let source = try StoreFolder()
        let target = try StoreFolder(.postgres)
        let before = try source.open()
        try await before.append([.book(RandomJournal.book())])
        var journal = RandomJournal(seed: seed)
        for _ in 0..<200 { _ = try? await before.append(journal.batch()) }
        let snapshot = try await before.snapshot(ordersSinceNanoseconds: 0)
        let counts = try await before.verify()
        try await before.close()
        let copied = try PostgresMaintenance.copy(
            from: source.store, to: try target.parameters(), schema: try SchemaName(target.schema)
        ) { _, _ in }
        #expect(Dictionary(uniqueKeysWithValues: copied.map { ($0.table, Int64($0.rows)) })["fills"] == counts["fills"])
        let after = try target.open()
        #expect(try await after.snapshot(ordersSinceNanoseconds: 0) == snapshot)
        #expect(try await after.verify() == counts)
        // It goes on where the other ended.
        try await after.append(StoreStartTests.trade(1_000))
        try await after.close()
        let again = #expect(throws: StoreError.self) {
            try PostgresMaintenance.copy(
                from: source.store, to: try target.parameters(), schema: try SchemaName(target.schema)
            ) { _, _ in }
        }
        #expect(again == .refused(reason: "the schema \(target.schema) holds a store already"))
    }

    @Test func aDirectoryWithAStoreOfSQLiteIsNotForgotten() async throws {
        let source = try StoreFolder()
        let store = try source.open()
        try await store.close()
        let target = try StoreFolder(.postgres)
        guard case .refused(let reason)? = target.openingError(source.store) else {
            Issue.record("a new store was made beside the one that is there")
            return
        }
        #expect(reason.contains("tickrisk store copy"))
    }

    @Test func aServerWithoutItsNewestTransactionsIsReported() async throws {
        let folder = try StoreFolder(.postgres)
        try await StoreStartTests.filled(folder)
        // As a standby that lagged behind would have it.
        try folder.tamper(
            """
            DELETE FROM audit WHERE sequence = 5; DELETE FROM cash_entries WHERE sequence = 5;
            DELETE FROM fills WHERE sequence = 5; DELETE FROM orders WHERE id = 5;
            DELETE FROM order_events WHERE sequence = 5; UPDATE store SET commits = 5;
            """)
        #expect(folder.openingError() == .tailLost(table: "order_events", expectedCount: 5, actualCount: 4))
    }
}
