// SPDX-License-Identifier: Apache-2.0
// The clients of one event loop.

import FramePublisher
import NIOCore
import Operations
import RiskKernel

/// Delivers to the clients of one loop and runs their clocks.
///
/// Ownership: ``deliver(_:)`` from any thread; everything else on the loop (docs/ownership.md, "session state").
final class HubShard: Sendable {
    /// How often late frames, heartbeats and stalls are looked at; well under the 100 ms of a cut.
    private static let tick = TimeAmount.milliseconds(50)

    private struct Members {
        var peers: [ObjectIdentifier: StreamPeer] = [:]
        /// By channel.
        var subscribers: [[ObjectIdentifier: StreamPeer]]
        var clock: RepeatedTask?
    }

    private let loop: any EventLoop
    private let members: NIOLoopBoundBox<Members>
    /// Of the loop's connections.
    let flushes: NIOLoopBoundBox<FlushRound>
    private let counters: StreamCounters

    init(loop: any EventLoop, channelCount: Int, counters: StreamCounters) {
        self.loop = loop
        self.counters = counters
        self.members = .makeBoxSendingValue(
            Members(subscribers: Array(repeating: [:], count: channelCount)), eventLoop: loop)
        self.flushes = .makeBoxSendingValue(FlushRound(loop: loop), eventLoop: loop)
    }

    func deliver(_ wires: [WireCut]) {
        self.loop.execute {
            let now = NIODeadline.now().uptimeNanoseconds
            var isAnyWritten = false
            for wire in wires {
                for peer in self.members.value.subscribers[wire.cut.channel].values
                where peer.offer(wire, nowNanoseconds: UInt64(now)) {
                    isAnyWritten = true
                }
            }
            if isAnyWritten { self.countDelays(of: wires) }
        }
    }

    private func countDelays(of wires: [WireCut]) {
        let wall = WallClock.nowNanoseconds
        for wire in wires where !self.members.value.subscribers[wire.cut.channel].isEmpty {
            self.counters.sendDelays.observe(from: wire.cut.cutNanoseconds, to: wall)
            if let oldest = wire.cut.oldestNanoseconds { self.counters.sentAges.observe(from: oldest, to: wall) }
        }
    }

    func deliver(_ event: WireEvent) {
        self.loop.execute {
            for peer in self.members.value.subscribers[event.channel].values { peer.offer(event) }
        }
    }

    /// Says something to whoever follows a channel.
    func tell(_ message: ServerMessage, channel: Int) {
        self.loop.execute {
            for peer in self.members.value.subscribers[channel].values { peer.send(message) }
        }
    }

    /// Sends every client away.
    func dismiss() {
        self.loop.execute {
            for peer in self.members.value.peers.values { peer.goAway() }
        }
    }

    func add(_ peer: StreamPeer) {
        self.members.value.peers[ObjectIdentifier(peer)] = peer
        if self.members.value.clock == nil {
            self.members.value.clock = self.loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
                self.runClocks()
            }
        }
    }

    func remove(_ peer: StreamPeer) {
        self.members.value.peers[ObjectIdentifier(peer)] = nil
        if self.members.value.peers.isEmpty {
            self.members.value.clock?.cancel()
            self.members.value.clock = nil
        }
    }

    func subscribe(_ peer: StreamPeer, to channel: Int) {
        self.members.value.subscribers[channel][ObjectIdentifier(peer)] = peer
    }

    func unsubscribe(_ peer: StreamPeer, from channel: Int) {
        self.members.value.subscribers[channel][ObjectIdentifier(peer)] = nil
    }

    private func runClocks() {
        let now = UInt64(NIODeadline.now().uptimeNanoseconds)
        for peer in self.members.value.peers.values { peer.clockTicked(nowNanoseconds: now) }
    }
}
