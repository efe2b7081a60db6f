// SPDX-License-Identifier: Apache-2.0
// One load run: clients first, then ticks, a warm-up, the measured window, and what was seen in it.

import FrameCodec
import NIOCore
import NIOPosix
import RiskKernel
import RiskSimulation
import Synchronization
import TickFeed

struct LoadPlan: Sendable {
    var address: StreamAddress
    var endpoint: String
    var connectsFeed: Bool
    var clientCount: Int
    /// Every client's channels; empty: the market and one account each.
    var channels: [String]
    var encoding: FrameEncoding
    var loopCount: Int
    /// Ticks a second.
    var rate: Double
    /// Ticks a message.
    var batch: Int
    var seed: UInt64
    var warmupSeconds: Double
    var durationSeconds: Double
}

struct LoadRun {
    /// Connections opened at a time.
    private static let connectBatch = 64
    private static let subscriberTimeoutMilliseconds = 10_000
    /// Messages queued between publisher and daemon; full, the publisher waits and its delay shows.
    private static let sendHighWaterMark = 10_000
    /// One in so many clients decodes every frame.
    private static let verifyEvery = 100
    /// What is on its way when the window closes still arrives within this.
    private static let drainSeconds = 1.0

    let plan: LoadPlan

    func run() async throws -> LoadResult {
        let probe = DaemonProbe(address: self.plan.address)
        let ids = try await probe.instrumentIDs()
        let accounts = try await probe.accountIDs()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: self.plan.loopCount)
        let tallies = group.makeIterator().map { (loop: $0, tally: LoopTally()) }
        let window = LoadWindow()
        let clients = try await self.connectClients(
            tallies: tallies, window: window, accounts: accounts)

        let outcome = Mutex<Result<PublishedTotals, any Error>?>(nil)
        let isCancelled = Atomic(false)
        let publisher = try self.openPublisher()
        let plan = self.plan
        let thread = RoleThread(name: "tr-load") {
            let result = Result {
                try Self.publish(plan, ids: ids, with: publisher.value) { isCancelled.load(ordering: .relaxed) }
            }
            outcome.withLock { $0 = result }
        }
        try await Task.sleep(for: .seconds(plan.warmupSeconds))
        let before = try await probe.metrics()
        let start = MonotonicClock.nowNanoseconds
        window.open()
        try await Task.sleep(for: .seconds(plan.durationSeconds))
        window.close()
        let after = try await probe.metrics()
        let seconds = Double(MonotonicClock.nowNanoseconds - start) / 1e9
        isCancelled.store(true, ordering: .relaxed)
        thread.join()
        try await Task.sleep(for: .seconds(Self.drainSeconds))
        let final = try await probe.metrics()

        for client in clients { client.close(promise: nil) }
        var tally = LoadTally()
        for loop in tallies { tally.add(try await loop.loop.submit { loop.tally.tally }.get()) }
        try await group.shutdownGracefully()
        let published = try outcome.withLock { $0! }.get()
        return LoadResult(
            plan: plan, seconds: seconds, tally: tally, published: published, before: before, after: after,
            final: final)
    }

    // MARK: Clients

    private func connectClients(
        tallies: [(loop: any EventLoop, tally: LoopTally)], window: LoadWindow, accounts: [String]
    ) async throws -> [any Channel] {
        var clients: [any Channel] = []
        for first in stride(from: 0, to: self.plan.clientCount, by: Self.connectBatch) {
            let numbers = first..<min(first + Self.connectBatch, self.plan.clientCount)
            clients += try await withThrowingTaskGroup(of: (any Channel).self) { tasks in
                for number in numbers {
                    let (loop, tally) = tallies[number % tallies.count]
                    tasks.addTask {
                        try await self.connectClient(
                            number, loop: loop, tally: tally, window: window, accounts: accounts)
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        return clients
    }

    private func connectClient(
        _ number: Int, loop: any EventLoop, tally: LoopTally, window: LoadWindow, accounts: [String]
    ) async throws -> any Channel {
        let verifies = number % Self.verifyEvery == 0
        let channel = try await StreamClient.connect(
            to: self.plan.address, encoding: self.plan.encoding, group: loop
        ) { LoadClient(window: window, loop: tally, verifies: verifies) }
        var channels = self.plan.channels
        if channels.isEmpty {
            channels = ["market"]
            if !accounts.isEmpty { channels.append("account:\(accounts[number % accounts.count])") }
        }
        try await StreamClient.send(try ServerText.subscribe(channels), on: channel)
        return channel
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
