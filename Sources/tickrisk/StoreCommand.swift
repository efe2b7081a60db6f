// SPDX-License-Identifier: Apache-2.0
// `tickrisk store`: keeping a store.

import ArgumentParser
import FrameCodec
import RiskStore

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Keeps a store safe.", subcommands: [StoreBackupCommand.self])
}

struct StoreBackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a store into a new directory, checked in full.",
        discussion: """
            Works beside a running daemon, which goes on writing. The copy is a store like any other; to restore, stop \
            the daemon, move the broken directory away and put the copy in its place. A directory that is there \
            under the given name is complete.

            Example: tickrisk store backup --store state backups/2026-11-27
            """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "The new directory.")
    var target: String
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try self.options.reader().backup(to: self.target)
        guard self.json else { return print("\(self.target) is a complete copy") }
        var json = JSONWriter()
        json.beginObject()
        json.member("backup", self.target)
        json.endObject()
        print(json.text)
    }
}
