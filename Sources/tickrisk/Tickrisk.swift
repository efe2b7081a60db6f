// SPDX-License-Identifier: Apache-2.0
// The companion's command line.

import ArgumentParser
import Operations

@main
struct Tickrisk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickrisk",
        abstract: "Feeds, watches and loads a tickriskd; verifies its numbers and tests its forecasts.",
        version: BuildVersion.text,
        subcommands: [
            StatusCommand.self, TopCommand.self, FeedCommand.self, WatchCommand.self, LoadCommand.self,
            KeysCommand.self, VerifyCommand.self,
            BacktestCommand.self, UserCommand.self, ImportCommand.self, ExportCommand.self, AuditCommand.self,
            StoreCommand.self, ClusterCommand.self,
        ])

    static func main() async { await self.runAsRoot() }
}
