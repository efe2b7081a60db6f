// SPDX-License-Identifier: Apache-2.0
// A folder for the stores of one test, and the programs around it.

import Foundation
import GRDB
import PostgresStore
import RiskStore

/// What stores are tested on.
enum StoreEngine: String, Sendable, CaseIterable {
    case sqlite, postgres
}

/// Removed with the value that made it.
final class StoreFolder: Sendable {
    let path: String
    let engine: StoreEngine
    let server: PostgresServer?
    /// Of PostgreSQL, this folder's alone.
    let schema: String

    /// Where a store of this test may lie.
    var store: String { "\(self.path)/store" }
    var database: String { "\(self.store)/desk.sqlite" }

    /// - Parameter server: of the test's own; the shared one without it.
    init(_ engine: StoreEngine = .sqlite, server: PostgresServer? = nil) throws {
        let name = UUID().uuidString
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("riskstore-\(name)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
        self.engine = engine
        self.server = engine == .postgres ? try server ?? PostgresServer.shared.get() : nil
        self.schema = "t_" + name.lowercased().filter { $0 != "-" }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    // MARK: Stores

    /// - Parameter directory: where the store lies, or for PostgreSQL its outbox.
    func open(_ directory: String? = nil) throws(StoreError) -> any StoredDesk {
        guard self.engine == .postgres else { return try SQLiteStore(directory: directory ?? self.store) }
        return try self.openPostgres(directory)
    }

    func openPostgres(
        _ directory: String? = nil, timeoutMilliseconds: Int = 5_000, outboxEntriesMax: Int = 100_000
    ) throws(StoreError) -> PostgresStore {
        try PostgresStore(
            PostgresStore.Settings(
                parameters: try self.parameters(), schema: try SchemaName(self.schema),
                directory: directory ?? self.store, timeoutMilliseconds: timeoutMilliseconds,
                outboxEntriesMax: outboxEntriesMax))
    }

    func parameters() throws(StoreError) -> ConnectionParameters {
        try ConnectionParameters(self.server?.url ?? "host=/nonexistent")
    }

    func openingError(_ directory: String? = nil) -> StoreError? {
        do {
            _ = try self.open(directory)
            return nil
        } catch {
            return error
        }
    }

    /// Changes a closed store behind its back.
    func tamper(_ sql: String) throws {
        if let server {
            try server.execute("SET session_replication_role = replica; \(sql)", schema: self.schema)
            return
        }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(path: self.database, configuration: configuration)
        try database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    /// For the program that writes.
    var writerEnvironment: [String: String] {
        self.server.map { ["STORE_URL": $0.url, "STORE_SCHEMA": self.schema] } ?? [:]
    }
}

/// The error a body throws, or `nil`.
func storeError(_ body: () async throws(StoreError) -> Void) async -> StoreError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Opens a store and gives the error of doing so, or `nil`.
func openingError(_ directory: String) -> StoreError? {
    do {
        _ = try SQLiteStore(directory: directory)
        return nil
    } catch {
        return error
    }
}
