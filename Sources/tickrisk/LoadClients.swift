// SPDX-License-Identifier: Apache-2.0
// The clients of a load run: opened in batches, or all at once.

import FrameCodec
import NIOCore
import NIOPosix
import RiskKernel

/// How a client reads.
enum ReadingHabit {
    case promptly
    case never
    /// 1 KB a second.
    case trickling
}

/// Opens clients over a set of event loops and sums what they saw.
struct LoadClients {
    /// Connections opened at a time, unless all come at once.
    private static let batch = 64
    /// One in so many clients decodes every frame.
    private static let verifyEvery = 100
    private static let trickleBytes = 1_024
    /// A client that does not read soon holds the server up, as one far away would.
    private static let smallReceiveBuffer = 4_096

    let plan: LoadPlan
    let accounts: [String]
    let window: LoadWindow
    let loops: [(loop: any EventLoop, tally: LoopTally)]

    /// - Parameter allAtOnce: as after a network failure, instead of some at a time.
    func connect(allAtOnce: Bool = false) async throws -> [any Channel] {
        var clients: [any Channel] = []
        let step = allAtOnce ? self.plan.clientCount : Self.batch
        for first in stride(from: 0, to: self.plan.clientCount, by: step) {
            let numbers = first..<min(first + step, self.plan.clientCount)
            clients += try await withThrowingTaskGroup(of: (any Channel).self) { tasks in
                for number in numbers { tasks.addTask { try await self.connect(number) } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        return clients
    }

    private func habit(of number: Int) -> ReadingHabit {
        if number < self.plan.stalledCount { return .never }
        return number < self.plan.stalledCount + self.plan.tricklingCount ? .trickling : .promptly
    }

    private func connect(_ number: Int) async throws -> any Channel {
        let (loop, tally) = self.loops[number % self.loops.count]
        let habit = self.habit(of: number)
        // The last of every hundred, and of all.
        let verifies = number % Self.verifyEvery == Self.verifyEvery - 1 || number == self.plan.clientCount - 1
        let role = LoadClient.Role(verifies: verifies, isMeasured: habit == .promptly)
        let window = self.window
        let channel = try await StreamClient.connect(
            to: self.plan.address, encoding: self.plan.encoding, authorization: self.plan.authorization, group: loop,
            receiveBufferBytes: habit == .promptly ? nil : Self.smallReceiveBuffer
        ) { LoadClient(window: window, loop: tally, role: role) }
        try await StreamClient.send(try ServerText.subscribe(self.channels(of: number)), on: channel)
        if habit != .promptly { try await Self.slowDown(channel, habit) }
        return channel
    }

    private func channels(of number: Int) -> [String] {
        if !self.plan.channels.isEmpty { return self.plan.channels }
        guard !self.accounts.isEmpty else { return ["market"] }
        return ["market", "account:\(self.accounts[number % self.accounts.count])"]
    }

    private static func slowDown(_ channel: any Channel, _ habit: ReadingHabit) async throws {
        try await channel.setOption(.autoRead, value: false).get()
        guard habit == .trickling else { return }
        try await channel.setOption(
            .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: self.trickleBytes)
        ).get()
        try await channel.setOption(.maxMessagesPerRead, value: 1).get()
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { task in
            if channel.isActive { channel.read() } else { task.cancel() }
        }
    }

    func tally() async throws -> LoadTally {
        var sum = LoadTally()
        for loop in self.loops { sum.add(try await loop.loop.submit { loop.tally.tally }.get()) }
        return sum
    }

    /// Seconds from a drop of all clients until each has come back and has a snapshot of all its channels.
    func storm(dropping clients: [any Channel], limitSeconds: Double) async throws -> Double {
        for client in clients { client.close(promise: nil) }
        for client in clients { try? await client.closeFuture.get() }
        let before = try await self.tally().snapshots
        let start = MonotonicClock.nowNanoseconds
        let returned = try await self.connect(allAtOnce: true)
        let promptCount = self.plan.clientCount - self.plan.stalledCount - self.plan.tricklingCount
        let wanted = UInt64(promptCount * self.channels(of: 0).count)
        var seconds = 0.0
        repeat {
            try await Task.sleep(for: .milliseconds(5))
            seconds = Double(MonotonicClock.nowNanoseconds - start) / 1e9
        } while try await self.tally().snapshots - before < wanted && seconds < limitSeconds
        for client in returned { client.close(promise: nil) }
        return seconds
    }
}
