// SPDX-License-Identifier: Apache-2.0
// The companion's command line.

import ArgumentParser

@main
struct Tickrisk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickrisk",
        abstract: "Feeds, watches and loads a tickriskd.",
        subcommands: [FeedCommand.self, WatchCommand.self, LoadCommand.self, KeysCommand.self])
}
