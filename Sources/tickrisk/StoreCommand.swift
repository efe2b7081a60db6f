// SPDX-License-Identifier: Apache-2.0
// `tickrisk store`: keeping a store.

import ArgumentParser
import FrameCodec
import PostgresStore
import RiskStore

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Keeps a store safe, and brings it to a server.",
        subcommands: [
            StoreBackupCommand.self, StoreVerifyCommand.self, StoreMigrateCommand.self, StoreCopyCommand.self,
        ])
}

struct StoreBackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a store into a new directory, checked in full.",
        discussion: """
            Works beside a running daemon, which goes on writing. The copy is a store like any other; to restore, stop \
            the daemon, move the broken directory away and put the copy in its place. A directory that is there \
            under the given name is complete. A server is backed up by its own tools: pg_dump, or a standby with an \
            archive.

            Example: tickrisk store backup --store state backups/2026-11-27
            """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "The new directory.")
    var target: String
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard !self.options.location.isServer else {
            throw Failure(
                """
                a store on PostgreSQL is backed up by the server's tools; hint: pg_dump --format=custom \
                --schema=\(self.options.server.schema) --file=\(self.target), then tickrisk store verify on a restored \
                copy
                """)
        }
        try StoreReader(directory: self.options.place).backup(to: self.target)
        guard self.json else { return print("\(self.target) is a complete copy") }
        var json = JSONWriter()
        json.beginObject()
        json.member("backup", self.target)
        json.endObject()
        print(json.text)
    }
}

struct StoreVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads every chained row of a store and checks its digest, as `tickrisk audit verify` does.",
        discussion: """
            On a server it checks the chains, what is derived from them, and that every reference was checked; pages \
            are the server's to check (initdb --data-checksums). What waits in a daemon's outbox is not there yet.

            Example: tickrisk store verify --store 'postgresql://tickrisk@/tickrisk?host=/run/postgresql'

            Exit status 1 on any fault.
            """)

    @OptionGroup var verification: AuditVerify

    func run() throws { try self.verification.run() }
}

struct StoreMigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Makes the tables of a schema on PostgreSQL, or brings them to this version.",
        discussion: """
            Connects as the schema's owner. --grant names the role of the daemon, which gets what it needs and no \
            more: it can add to the chained tables, and neither change nor remove there.

            Example: tickrisk store migrate --to 'postgresql://tickrisk_owner@/tickrisk?host=/run/postgresql' \
            --grant tickrisk
            """)

    @Option(name: .customLong("to"), help: "The server's URL, with the role that owns the schema.")
    var url: String
    @Option(help: "Role of the daemon.")
    var grant: String?
    @OptionGroup var server: ServerOptions

    func run() throws {
        try PostgresMaintenance.migrate(
            try self.server.parameters(self.url), schema: try SchemaName(self.server.schema), service: self.grant)
        print("the schema \(self.server.schema) is of this version")
    }
}

struct StoreCopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Brings a store of SQLite to PostgreSQL: every row and every chain.",
        discussion: """
            The daemon must not run. Everything goes in one transaction, which is committed after every table and \
            every chain were compared: a copy that breaks off leaves nothing. The schema must hold no store yet. The \
            directory stays as it is; give the daemon another one as store.directory.

            Example: tickrisk store copy --from state --to 'postgresql://tickrisk@/tickrisk?host=/run/postgresql'
            """)

    @Option(name: .customLong("from"), help: "Directory of the store.")
    var directory: String
    @Option(name: .customLong("to"), help: "The server's URL.")
    var url: String
    @OptionGroup var server: ServerOptions
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        var bar = ProgressBar(total: 1)
        let counts = try PostgresMaintenance.copy(
            from: self.directory, to: try self.server.parameters(self.url),
            schema: try SchemaName(self.server.schema)
        ) { done, total in
            bar.show(done, of: total, "rows")
        }
        bar.end()
        guard self.json else {
            let lines = [["table", "rows"]] + counts.map { [$0.table, "\($0.rows)"] }
            return print(TextTable.aligned(lines, leading: 1) + "copied and compared: all rows and chains are the same")
        }
        var json = JSONWriter()
        json.beginObject()
        for (table, count) in counts { json.member(table, count) }
        json.endObject()
        print(json.text)
    }
}
