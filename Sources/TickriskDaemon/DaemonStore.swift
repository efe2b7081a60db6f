// SPDX-License-Identifier: Apache-2.0
// The daemon's store: in the folder the configuration names, in one that goes with the process, or on a server.

import Foundation
import Logging
import PostgresStore
import RiskFiles
import RiskStore

struct DaemonStore: Sendable {
    let store: any StoredDesk
    /// Removed at the end; `nil` where a folder is configured.
    private let temporaryDirectory: String?
    private let logger: Logger

    init(_ settings: Configuration.Store, logger: Logger) throws {
        self.logger = logger
        guard settings.engine == .sqlite else {
            self.temporaryDirectory = nil
            self.store = try Self.openServer(settings, logger: logger)
            return
        }
        if settings.directory.isEmpty {
            let directory = try Self.makeTemporaryDirectory()
            self.temporaryDirectory = directory
            self.store = try SQLiteStore(directory: directory)
            logger.warning("store.directory is not set: nothing outlives this process")
        } else {
            self.temporaryDirectory = nil
            self.store = try SQLiteStore(directory: settings.directory)
            logger.info("store open", metadata: ["directory": "\(settings.directory)"])
        }
    }

    private static func openServer(_ settings: Configuration.Store, logger: Logger) throws -> PostgresStore {
        let parameters = try ConnectionParameters(settings.url, password: settings.password?.text)
        let store = try PostgresStore(
            PostgresStore.Settings(
                parameters: parameters, schema: try SchemaName(settings.schema), directory: settings.directory,
                timeoutMilliseconds: Int(settings.timeoutNanoseconds / 1_000_000),
                outboxEntriesMax: settings.outboxEntriesMax),
            notice: { logger.warning("store", metadata: ["fact": "\($0)"]) })
        logger.info(
            "store open",
            metadata: [
                "database": "\(parameters.place)", "schema": "\(settings.schema)", "outbox": "\(settings.directory)",
            ])
        return store
    }

    /// Of nobody but this user, as the store requires.
    private static func makeTemporaryDirectory() throws -> String {
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("tickriskd-XXXXXX").path
        var path = template.utf8CString.map { $0 }
        guard mkdtemp(&path) != nil else { throw DaemonError.noTemporaryDirectory(code: errno) }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What was acknowledged is on disk already; a store that failed has said so.
    func close() async {
        do throws(StoreError) { try await self.store.close() } catch {
            self.logger.error("store not closed", metadata: ["reason": "\(error)"])
        }
        if let temporaryDirectory { try? FileManager.default.removeItem(atPath: temporaryDirectory) }
    }
}
