// SPDX-License-Identifier: Apache-2.0
// Parts of the firm from all units of a fleet, on one thread.

import Fleet
import FramePublisher
import Logging
import Operations
import RiskKernel
import Synchronization
import TickFeed

public struct PartSettings: Sendable {
    /// The partition of whoever listens: its own part does not travel.
    public var house: Int
    public var partitionCount: Int
    /// Messages that may wait for each unit; what does not fit is dropped, the newest comes again within a second.
    public var highWaterMark: Int
    /// Silence after which a unit's part is missing.
    public var silentAfterNanoseconds: UInt64 = 3_000_000_000
    public var security: SocketSecurity

    public init(house: Int, partitionCount: Int, highWaterMark: Int, security: SocketSecurity) {
        self.house = house
        self.partitionCount = partitionCount
        self.highWaterMark = highWaterMark
        self.security = security
    }
}

public final class PartCounters: Sendable {
    let parts = RelayCounter()
    let refused = RelayCounter()

    package init() {}

    package var refusedCount: UInt64 { self.refused.value }

    public var families: [MetricFamily] {
        [
            self.parts.family("tickrisk_firm_parts_total", "Parts of the firm received from other units."),
            self.refused.family(
                "tickrisk_firm_parts_refused_total", "Messages that were no part, or of a run that is not announced."),
        ]
    }
}

/// Listens to every unit that a directory knows, `tr-parts`.
///
/// Ownership: sockets and intake belong to the thread (docs/ownership.md).
public final class PartReceiver: Sendable {
    private static let waitMilliseconds = 50
    /// Messages taken of a unit before the others' turn.
    private static let messagesPerTurn = 64

    private let context: ZMQContext
    private let settings: PartSettings
    private let directory: FleetDirectory
    private let sink: any FirmPartSink
    private let logger: Logger
    private let wakePipe = WakePipe()
    private let thread = RoleThread(name: "tr-parts")
    public let counters = PartCounters()

    public init(
        context: ZMQContext, settings: PartSettings, directory: FleetDirectory, sink: any FirmPartSink,
        logger: Logger
    ) {
        self.context = context
        self.settings = settings
        self.directory = directory
        self.sink = sink
        self.logger = logger
    }

    public func start() {
        let wakePipe = self.wakePipe
        self.directory.listen { _ in wakePipe.signal() }
        self.thread.start { self.run() }
    }

    /// Ends the thread and waits for it.
    public func stop() { self.thread.stop(waking: self.wakePipe.signal) }

    // MARK: The thread

    private func run() {
        let intake = PartIntake(
            house: self.settings.house, partitionCount: self.settings.partitionCount,
            silentAfterNanoseconds: self.settings.silentAfterNanoseconds, counters: self.counters)
        var sockets: [Int: TopicSubscriber] = [:]
        while !self.thread.isStopping {
            do throws(ZMQError) {
                self.perform(intake.follow(self.directory.units), &sockets)
                try TopicSubscriber.wait(
                    for: Array(sockets.values), or: self.wakePipe, timeoutMilliseconds: Self.waitMilliseconds)
                self.wakePipe.drain()
                let now = MonotonicClock.nowNanoseconds
                for (partition, socket) in sockets {
                    self.perform(try self.receive(socket, partition, intake, nowNanoseconds: now), &sockets)
                }
                self.perform(intake.tick(nowNanoseconds: now), &sockets)
            } catch {
                self.logger.error("socket of the firm's parts failed", metadata: ["error": "\(error)"])
                for partition in 0..<self.settings.partitionCount where partition != self.settings.house {
                    self.sink.lose(partition: partition)
                }
                return
            }
        }
    }

    private func receive(
        _ socket: TopicSubscriber, _ partition: Int, _ intake: PartIntake, nowNanoseconds now: UInt64
    ) throws(ZMQError) -> [PartIntake.Action] {
        var actions: [PartIntake.Action] = []
        for _ in 0..<Self.messagesPerTurn {
            let received = try socket.receive { bytes in
                actions += intake.receive(RelayMessage(bytes), partition: partition, nowNanoseconds: now)
            }
            if received == .nothing { break }
            if case .rejected = received { self.counters.refused.add() }
        }
        return actions
    }

    private func perform(_ actions: [PartIntake.Action], _ sockets: inout [Int: TopicSubscriber]) {
        for action in actions {
            switch action {
            case .open(let partition, let endpoint): sockets[partition] = self.subscriber(partition, endpoint)
            case .close(let partition): sockets[partition] = nil
            case .take(let part, let partition): self.sink.take(part, partition: partition)
            case .lose(let partition): self.sink.lose(partition: partition)
            }
        }
    }

    /// `nil` for an endpoint that is none: its part is missing until it is announced elsewhere.
    private func subscriber(_ partition: Int, _ endpoint: String) -> TopicSubscriber? {
        do throws(ZMQError) {
            let subscriber = try TopicSubscriber(
                context: self.context, endpoint: endpoint, highWaterMark: self.settings.highWaterMark,
                messageBytesMax: RelayMessage.messageBytesMax, security: self.settings.security)
            for topic in [RelayTopic.parts, RelayTopic.beat] { try subscriber.subscribe(topic) }
            return subscriber
        } catch {
            self.logger.error(
                "a unit announces an endpoint that is none",
                metadata: ["partition": "\(partition)", "endpoint": "\(endpoint)", "error": "\(error)"])
            return nil
        }
    }
}
