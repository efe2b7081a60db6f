// SPDX-License-Identifier: Apache-2.0
// `tickrisk load`: an open-loop load on a daemon, ticks in and frames out, with latencies from the intended send time.

import ArgumentParser
import Foundation
import FrameCodec
import TickFeed

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Publishes ticks at a rate, reads the stream with many clients, and reports latencies.",
        discussion: """
            Open loop: every message carries the time it was meant to be sent, and latencies count from there. Ticks \
            are a synthetic market over the daemon's instruments. Every client reads the market and one account \
            unless --channel says otherwise, and checks that no delta is missing; one in a hundred decodes every \
            frame, compares its state's checksum, and its bytes with those of JSON. Exit status 1 \
            when less than 99 % of the offered ticks arrived, or anything was lost, skipped or corrupt.
            """)

    @Option(help: "The daemon, as in ws://127.0.0.1:8080/ws.")
    var url: String
    @Option(help: "Where the daemon's feed connects (or binds, with --connect).")
    var endpoint: String
    @Option(help: "Stream clients.")
    var clients = 250
    @Option(help: "Ticks a second.")
    var rate = 10_000.0
    @Option(help: "Seconds measured.")
    var duration = 30.0
    @Option(help: "Seconds of load before measuring.")
    var warmup = 3.0
    @Option(help: "Ticks a message; by default so many that there are at most 5,000 messages a second.")
    var batch: Int?
    @Option(help: "Channel every client reads; repeatable.")
    var channel: [String] = []
    @Option(help: "zstd or deflate.")
    var encoding = "zstd"
    @Option(help: "Event loops that read for the clients.")
    var threads = 1
    @Option(
        name: [.customLong("stalled"), .customLong("slow-clients")], help: "Of the clients, how many never read.")
    var stalled = 0
    @Option(help: "Of the clients, how many read 1 KB a second.")
    var trickling = 0
    @Flag(
        name: [.customLong("storm"), .customLong("reconnect-storm")],
        help: "At the end, drop all clients and let them come back at once.")
    var storm = false
    @Option(
        help: """
            Market orders a second in what the accounts hold, buys with an odd seed, sells with an even one; needs \
            limits that let them through.
            """)
    var orders = 0.0
    @Option(help: "Process of the daemon on this machine, whose processor time and memory are then told.")
    var pid: Int32?
    @Option(help: "Seed of the market.")
    var seed: UInt64 = 1
    @Option(help: "Write the result to this file as JSON.")
    var json: String?
    @Flag(help: "Connect to the daemon's feed instead of binding.")
    var connect = false
    @OptionGroup var credential: DaemonCredential

    func validate() throws {
        guard (1...100_000).contains(self.clients) else { throw ValidationError("--clients is 1 to 100,000") }
        guard self.stalled >= 0, self.trickling >= 0, self.stalled + self.trickling < self.clients else {
            throw ValidationError("--stalled and --trickling leave at least one client that reads")
        }
        guard self.rate.isFinite, self.rate > 0 else { throw ValidationError("--rate is above 0") }
        guard self.duration.isFinite, self.duration > 0 else { throw ValidationError("--duration is above 0") }
        guard self.warmup.isFinite, self.warmup >= 0 else { throw ValidationError("--warmup is 0 or more") }
        guard self.orders.isFinite, self.orders >= 0 else { throw ValidationError("--orders is 0 or more") }
        guard (1...64).contains(self.threads) else { throw ValidationError("--threads is 1 to 64") }
        guard self.batch.map({ (1...TickWire.ticksPerMessageMax).contains($0) }) ?? true else {
            throw ValidationError("--batch is 1 to \(TickWire.ticksPerMessageMax)")
        }
        guard self.pid.map({ ProcessUsage(pid: $0) != nil }) ?? true else {
            throw ValidationError("--pid names no process of this machine")
        }
        guard self.frameEncoding != nil else { throw ValidationError("--encoding is zstd or deflate") }
    }

    private var frameEncoding: FrameEncoding? {
        ["zstd": .zstd, "deflate": .deflate][self.encoding]
    }

    func run() async throws {
        let plan = LoadPlan(
            address: try StreamAddress(url: self.url), authorization: try self.credential.authorization(),
            endpoint: self.endpoint, connectsFeed: self.connect,
            clientCount: self.clients, stalledCount: self.stalled, tricklingCount: self.trickling,
            endsWithStorm: self.storm, channels: self.channel, encoding: self.frameEncoding!, loopCount: self.threads,
            orderRate: self.orders, rate: self.rate, batch: self.batch ?? max(1, Int((self.rate / 5_000).rounded(.up))),
            seed: self.seed, pid: self.pid,
            warmupSeconds: self.warmup, durationSeconds: self.duration)
        let result = try await LoadRun(plan: plan).run()
        print(result.table)
        if let json { try result.json.write(toFile: json, atomically: true, encoding: .utf8) }
        guard result.isAchieved else { throw ExitCode.failure }
    }
}
