// SPDX-License-Identifier: Apache-2.0
// What the commands on a store have in common.

import ArgumentParser
import RiskStore

struct StoreOptions: ParsableArguments {
    @Option(name: .customLong("store"), help: "Directory of the store: store.directory of the daemon.")
    var directory: String

    /// To read, also beside a running daemon.
    func reader() throws -> StoreReader { try StoreReader(directory: self.directory) }

    /// To write, which only one process may.
    func store() throws -> SQLiteStore {
        do { return try SQLiteStore(directory: self.directory) } catch StoreError.alreadyOpen {
            throw Failure("\(self.directory) is in use; hint: stop the daemon first")
        }
    }
}

/// How tables are written.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case csv
    /// A JSON object a line.
    case jsonl
}

extension ExportedTable: ExpressibleByArgument {}
