// SPDX-License-Identifier: Apache-2.0
// One load run: clients first, then ticks, a warm-up, the measured window, and what was seen in it.

import FrameCodec
import NIOCore
import NIOHTTP1
import NIOPosix
import RiskDomain
import RiskKernel
import RiskSimulation
import Synchronization
import TickFeed

struct LoadPlan: Sendable {
    var address: StreamAddress
    /// What clients show; `nil` where nobody signs in.
    var authorization: String?
    var endpoint: String
    var connectsFeed: Bool
    var clientCount: Int
    /// Of the clients, the first so many never read, the next so many read 1 KB a second.
    var stalledCount: Int
    var tricklingCount: Int
    /// Whether all clients are dropped and reconnect at once after the measurement.
    var endsWithStorm: Bool
    /// Every client's channels; empty: the market and one account each.
    var channels: [String]
    var encoding: FrameEncoding
    var loopCount: Int
    /// Orders a second; 0 for none.
    var orderRate: Double
    /// Ticks a second.
    var rate: Double
    /// Ticks a message.
    var batch: Int
    var seed: UInt64
    /// The daemon's process, where it is on this machine.
    var pid: Int32?
    var warmupSeconds: Double
    var durationSeconds: Double
}

struct LoadRun {
    private static let subscriberTimeoutMilliseconds = 10_000
    /// Messages queued between publisher and daemon; full, the publisher waits and its delay shows.
    private static let sendHighWaterMark = 10_000
    /// A storm that takes longer has failed.
    private static let stormLimitSeconds = 10.0
    /// What is on its way when the window closes still arrives within this.
    private static let drainSeconds = 1.0

    let plan: LoadPlan

    func run() async throws -> LoadResult {
        let probe = DaemonProbe(address: self.plan.address, authorization: self.plan.authorization)
        let ids = try await probe.instrumentIDs()
        let accounts = try await probe.accountIDs()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: self.plan.loopCount)
        let window = LoadWindow()
        let clients = LoadClients(
            plan: self.plan, accounts: accounts, window: window,
            loops: group.makeIterator().map { (loop: $0, tally: LoopTally()) })
        var channels = try await clients.connect()
        if self.plan.orderRate > 0 {
            channels += try await OrderClients(
                address: self.plan.address, rate: self.plan.orderRate,
                targets: try await probe.positions(ofAccounts: accounts),
                side: self.plan.seed % 2 == 1 ? .buy : .sell, headers: [:],
                runID: WallClock.nowNanoseconds, window: window, loops: clients.loops
            ).connect()
        }

        let outcome = Mutex<Result<PublishedTotals, any Error>?>(nil)
        let isCancelled = Atomic(false)
        let publisher = try self.openPublisher()
        let plan = self.plan
        let thread = RoleThread(name: "tr-load")
        thread.start {
            let result = Result {
                try Self.publish(plan, ids: ids, with: publisher.value) { isCancelled.load(ordering: .relaxed) }
            }
            outcome.withLock { $0 = result }
        }
        try await Task.sleep(for: .seconds(plan.warmupSeconds))
        let before = try await probe.metrics()
        let usageBefore = plan.pid.flatMap { ProcessUsage(pid: $0) }
        let start = MonotonicClock.nowNanoseconds
        window.open()
        try await Task.sleep(for: .seconds(plan.durationSeconds))
        window.close()
        let usageAfter = plan.pid.flatMap { ProcessUsage(pid: $0) }
        let after = try await probe.metrics()
        let seconds = Double(MonotonicClock.nowNanoseconds - start) / 1e9
        try await Task.sleep(for: .seconds(Self.drainSeconds))
        let final = try await probe.metrics()

        let tally = try await clients.tally()
        var stormSeconds: Double?
        if plan.endsWithStorm {
            stormSeconds = try await clients.storm(dropping: channels, limitSeconds: Self.stormLimitSeconds)
        } else {
            for channel in channels { channel.close(promise: nil) }
        }
        isCancelled.store(true, ordering: .relaxed)
        thread.join()
        try await group.shutdownGracefully()
        let published = try outcome.withLock { $0! }.get()
        return LoadResult(
            plan: plan, seconds: seconds, tally: tally, published: published, before: before, after: after,
            final: final, stormSeconds: stormSeconds,
            usage: usageBefore.flatMap { before in usageAfter.map { (before, $0) } })
    }

    // MARK: Ticks

    /// A socket on its way to the one thread that will use it.
    private struct HandedOver: @unchecked Sendable {
        let value: TickPublisher
    }

    private func openPublisher() throws -> HandedOver {
        let publisher = try TickPublisher(
            context: ZMQContext(), endpoint: self.plan.endpoint,
            attachment: self.plan.connectsFeed ? .connect : .bind, pattern: .pub,
            sendHighWaterMark: Self.sendHighWaterMark, dropsWhenFull: false)
        guard try publisher.waitForSubscriber(timeoutMilliseconds: Self.subscriberTimeoutMilliseconds) else {
            throw Failure("nobody subscribed at \(self.plan.endpoint): is it the endpoint of the daemon's feed?")
        }
        return HandedOver(value: publisher)
    }

    private static func publish(
        _ plan: LoadPlan, ids: [UInt32], with publisher: TickPublisher, isCancelled: () -> Bool
    ) throws -> PublishedTotals {
        var market = SyntheticMarket(count: ids.count, seed: plan.seed)
        var paced = PacedPublisher(
            publisher: publisher, pace: PublishingPace(rate: plan.rate, batch: plan.batch, durationSeconds: nil),
            form: .binary(TickEncoder(ids: ids)), isBlocking: true)
        try paced.run(from: &market, isCancelled: isCancelled)
        return paced.totals
    }
}
