// SPDX-License-Identifier: Apache-2.0
// What the commands on a store have in common.

import ArgumentParser
import PostgresStore
import RiskFiles
import RiskStore

/// A store of either engine, as a command names it.
struct StoreLocation {
    /// A directory, or a connection string of libpq.
    let text: String
    let server: ServerOptions

    var isServer: Bool { Self.isURL(self.text) }

    static func isURL(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.hasPrefix("host=")
    }

    /// To read, also beside a running daemon.
    func reader() throws -> any StoreInspection {
        guard self.isServer else { return try StoreReader(directory: self.text) }
        return try PostgresReader(try self.server.parameters(self.text), schema: try SchemaName(self.server.schema))
    }

    /// To write, which only one process may.
    func store() throws -> any StoredDesk {
        do throws(StoreError) {
            guard self.isServer else { return try SQLiteStore(directory: self.text) }
            return try PostgresStore(try self.settings())
        } catch {
            guard case .alreadyOpen(let place) = error else { throw error }
            throw Failure("\(place) is in use by a daemon; hint: stop the daemon first")
        }
    }

    private func settings() throws(StoreError) -> PostgresStore.Settings {
        guard let outbox = self.server.outbox else {
            throw .unreadable(
                reason: "with a server --outbox names store.directory of the daemon, whose outbox comes first")
        }
        return PostgresStore.Settings(
            parameters: try self.server.parameters(self.text), schema: try SchemaName(self.server.schema),
            directory: outbox)
    }
}

/// What a server needs besides its URL.
struct ServerOptions: ParsableArguments {
    @Option(help: "With a server: the schema, store.schema of the daemon.")
    var schema = SchemaName.standard
    @Option(help: "With a server: file of its password, mode 0600. Without it PGPASSFILE counts.")
    var passwordFile: String?
    @Option(help: "With a server, to write: store.directory of the daemon.")
    var outbox: String?

    func parameters(_ url: String) throws(StoreError) -> ConnectionParameters {
        var password: Secret?
        if let passwordFile {
            do throws(SecretFileError) { password = try SecretFile.loadPassword(passwordFile) } catch {
                throw .unreadable(reason: "\(error)")
            }
        }
        return try ConnectionParameters(url, password: password?.text)
    }
}

struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: "Directory of the store: store.directory of the daemon; or the server's URL: store.url.")
    var place: String
    @OptionGroup var server: ServerOptions

    var location: StoreLocation { StoreLocation(text: self.place, server: self.server) }

    /// To read, also beside a running daemon.
    func reader() throws -> any StoreInspection { try self.location.reader() }

    /// To write, which only one process may.
    func store() throws -> any StoredDesk { try self.location.store() }
}

/// How tables are written.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case csv
    /// A JSON object a line.
    case jsonl
}

extension ExportedTable: ExpressibleByArgument {}
