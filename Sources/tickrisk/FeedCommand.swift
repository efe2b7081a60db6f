// SPDX-License-Identifier: Apache-2.0
// `tickrisk feed`: a market-data publisher for demos and tests.

import ArgumentParser
import RiskDomain
import RiskFiles
import RiskSimulation
import TickFeed

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Publishes ticks: daily closes replayed as intraday ticks, or a synthetic market.",
        discussion: """
            --replay takes a file laid out as history.csv and walks from close to close on a seeded bridge, with bid \
            and ask; every day's last tick is its close. --synthetic needs no instrument file. PUB unless --push, \
            binds unless --connect. Runs until --duration is over or it is interrupted.
            """)

    @Option(help: "ZeroMQ endpoint, as in tcp://127.0.0.1:5556.")
    var endpoint: String
    @Option(help: "Instrument file; needed with --replay.")
    var instruments: String?
    @Option(help: "File of daily closes to replay.")
    var replay: String?
    @Option(help: "Number of invented instruments, ids from 1.")
    var synthetic: Int?
    @Option(help: "Ticks a second.")
    var rate = 1_000.0
    @Option(help: "Ticks a message.")
    var batch = 20
    @Option(help: "Seed: the same seed gives the same ticks.")
    var seed: UInt64 = 1
    @Option(help: "Seconds to publish.")
    var duration: Double?
    @Option(help: "Seconds a replayed day takes.")
    var daySeconds = 30.0
    @Flag(help: "End after the last replayed day instead of starting over.")
    var once = false
    @Flag(help: "Publish JSON messages instead of binary ones.")
    var json = false
    @Flag(help: "PUSH instead of PUB.")
    var push = false
    @Flag(help: "Connect instead of bind.")
    var connect = false
    @Option(help: "Endpoint to answer requests for snapshots at.")
    var snapshotEndpoint: String?
    @OptionGroup var keys: FeedKeys

    /// Messages queued for a subscriber that is slow; more are dropped, and show as a gap.
    private static let sendHighWaterMark = 10_000

    func validate() throws {
        guard (self.replay == nil) != (self.synthetic == nil) else {
            throw ValidationError("give either --replay FILE or --synthetic COUNT")
        }
        if self.replay != nil, self.instruments == nil { throw ValidationError("--replay needs --instruments FILE") }
        if let synthetic, !(1...1_000_000).contains(synthetic) {
            throw ValidationError("--synthetic is 1 to 1,000,000")
        }
        guard self.rate.isFinite, self.rate > 0 else { throw ValidationError("--rate is above 0") }
        guard (1...TickWire.ticksPerMessageMax).contains(self.batch) else {
            throw ValidationError("--batch is 1 to \(TickWire.ticksPerMessageMax)")
        }
        guard self.daySeconds.isFinite, self.daySeconds > 0 else { throw ValidationError("--day-seconds is above 0") }
        guard self.duration.map({ $0.isFinite && $0 > 0 }) ?? true else {
            throw ValidationError("--duration is above 0")
        }
    }

    func run() throws {
        if let synthetic {
            var market = SyntheticMarket(count: synthetic, seed: self.seed)
            try self.publish(from: &market)
        } else {
            var bridge = try self.bridge()
            try self.publish(from: &bridge)
        }
    }

    private func bridge() throws -> ClosingBridge {
        let instruments = try InstrumentFile.load(self.instruments!)
        let history = try HistoryFile.load(
            self.replay!, symbols: Set(instruments.map(\.symbol)), unknownColumns: .skip)
        let ticksPerDay = max(1, Int(self.rate * self.daySeconds / Double(max(instruments.count, 1))))
        return ClosingBridge(
            history: history, instruments: instruments, ticksPerDay: ticksPerDay, seed: self.seed,
            order: .shuffled, end: self.once ? .stop : .restart)
    }

    private func publish(from source: inout some TickSource) throws {
        let context = try ZMQContext()
        let securities = try self.keys.open(
            context: context, endpoints: [self.endpoint] + (self.snapshotEndpoint.map { [$0] } ?? []),
            connects: self.connect, answers: self.snapshotEndpoint != nil)
        defer { securities.gate?.stop() }
        let publisher = try TickPublisher(
            context: context, endpoint: self.endpoint, attachment: self.connect ? .connect : .bind,
            pattern: self.push ? .push : .pub, sendHighWaterMark: Self.sendHighWaterMark, security: securities.ticks)
        let directory = InstrumentDirectory(source.instruments)
        print("publishing \(directory.instruments.count) instruments at \(try publisher.lastEndpoint())")
        let responder = try self.snapshotEndpoint.map { endpoint in
            let router = try SnapshotRouter(context: context, endpoint: endpoint, security: securities.snapshots)
            print("answering with snapshots at \(try router.lastEndpoint())")
            return SnapshotResponder(router: router, directory: directory)
        }
        fflushStandardOutput()
        var paced = PacedPublisher(
            publisher: publisher,
            pace: PublishingPace(rate: self.rate, batch: self.batch, durationSeconds: self.duration),
            form: self.json
                ? .json(TickJSONEncoder(directory: directory)) : .binary(TickEncoder(directory: directory)),
            isBlocking: self.push, responder: responder)
        try paced.run(from: &source)
        let totals = paced.totals
        print("published \(totals.ticks) ticks in \(totals.messages) messages, \(totals.refused) refused")
    }
}
