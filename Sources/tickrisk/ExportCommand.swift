// SPDX-License-Identifier: Apache-2.0
// `tickrisk export`: what is in a store, as CSV or JSON lines.

import ArgumentParser
import Foundation
import RiskStore

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes tables of a store as CSV or JSON lines.",
        discussion: """
            Works beside a running daemon. accounts and positions are those of the newest book, in the format of \
            accounts.csv and positions.csv; fills, cash and adjustments after it count on top. Times end in _ns (since \
            1970). Files are new, readable by their owner only. Without --to, one table goes to standard output.

            Example: tickrisk export --store state --table fills --format jsonl | jq .price
            """)

    @OptionGroup var options: StoreOptions
    @Option(name: .customLong("table"), help: "One of the tables, repeatable; all without it.")
    var tables: [ExportedTable] = []
    @Option(help: "Format of the files.")
    var format = ExportFormat.csv
    @Option(name: .customLong("to"), help: "Folder of the files, made where there is none.")
    var folder: String?

    func validate() throws {
        guard self.folder != nil || self.tables.count == 1 else {
            throw ValidationError("without --to, exactly one --table is written")
        }
        guard Set(self.tables).count == self.tables.count else { throw ValidationError("a table is named twice") }
    }

    func run() throws {
        let reader = try self.options.reader()
        let tables = self.tables.isEmpty ? ExportedTable.allCases : self.tables
        guard let folder else {
            return try self.write(tables[0], from: reader, to: FileHandle.standardOutput) {}
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var bar = ProgressBar(total: try reader.counts(of: tables).values.reduce(0, +))
        var done = 0
        for table in tables {
            let path = "\(folder)/\(table.rawValue).\(self.format.rawValue)"
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
            try self.write(table, from: reader, to: FileHandle(fileDescriptor: file, closeOnDealloc: true)) {
                done += 1
                bar.show(done, table.rawValue)
            }
        }
        bar.end()
        print("\(done) rows of \(tables.count) tables are in \(folder)")
    }

    private func write(
        _ table: ExportedTable, from reader: any StoreInspection, to file: FileHandle, onRow: () -> Void
    ) throws {
        let rows = ExportedRows(format: self.format)
        var text = rows.head(table.columnNames)
        try reader.export(table) { names, values in
            text += rows.line(names, values)
            if text.count >= 1 << 16 {
                try file.write(contentsOf: text)
                text.removeAll(keepingCapacity: true)
            }
            onRow()
        }
        try file.write(contentsOf: text)
    }
}
