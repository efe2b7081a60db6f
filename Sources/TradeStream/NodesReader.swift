// SPDX-License-Identifier: Apache-2.0
// Reads who has which partition, from the beginning of the topic on and for ever.

import CLibRdKafka
import Fleet
import Logging
import RiskKernel
import RiskStore
import ServiceLifecycle
import Synchronization

/// The thread `tr-nodes-in` fills a ``FleetDirectory``; brokers may come and go.
///
/// Ownership: the client belongs to the thread; ``isCaughtUp`` and ``brokersUp`` are read under a lock.
public final class NodesReader: Service {
    private static let askMilliseconds: Int32 = 500
    private static let pauseNanoseconds: UInt64 = 100_000_000
    private static let closeNanoseconds: UInt64 = 500_000_000

    private struct State {
        /// Partitions of which not everything was read that was there at the start; `nil` before they are known.
        var behind: Set<Int32>?
        var brokersUp: Int?
        var unreadableCount: UInt64 = 0
    }

    public let directory: FleetDirectory
    private let topic: String
    private let consumer: KafkaConsumer
    private let logger: Logger
    private let state = Mutex(State())
    private let thread = RoleThread(name: "tr-nodes-in")

    /// - Throws: where librdkafka does not take a setting.
    public init(settings: KafkaSettings, directory: FleetDirectory, logger: Logger) throws(KafkaError) {
        self.directory = directory
        self.topic = settings.nodesTopic
        self.consumer = try KafkaConsumer(settings.nodesProperties)
        self.logger = logger
    }

    /// Whether everything was read that was there when reading began.
    public var isCaughtUp: Bool { self.state.withLock { $0.behind?.isEmpty ?? false } }

    /// Brokers with an open connection; `nil` before the first statistics.
    public var brokersUp: Int? { self.state.withLock { $0.brokersUp } }

    /// Messages that no unit of this version wrote.
    public var unreadableCount: UInt64 { self.state.withLock { $0.unreadableCount } }

    public func start() { self.thread.start { self.runLoop() } }

    public func stop() { self.thread.stop(waking: self.consumer.wake) }

    /// From here to the end of the process.
    public func run() async throws {
        self.start()
        try? await gracefulShutdown()
        self.stop()
    }

    /// Waits until everything was read that was there; a task that is cancelled waits no longer.
    ///
    /// - Returns: whether it was in time.
    public func catchUp(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while !self.isCaughtUp {
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    // MARK: The thread

    /// No group has a say here.
    private static var rebalance: KafkaConsumer.Rebalance { .init(assign: { _ in [] }, revoke: { _, _ in }) }

    private func runLoop() {
        guard self.begin() else { return }
        while !self.thread.isStopping {
            guard let event = self.consumer.poll(timeoutMilliseconds: 200, Self.rebalance) else { continue }
            self.handle(event)
        }
        try? self.consumer.assign([])
        self.consumer.close(timeoutNanoseconds: Self.closeNanoseconds, Self.rebalance)
    }

    /// Waits until a broker says which partitions there are.
    private func begin() -> Bool {
        let parker = Parker()
        var hasSaid = false
        while !self.thread.isStopping {
            if let count = self.consumer.partitionCount(of: self.topic, timeoutMilliseconds: Self.askMilliseconds) {
                let numbers = 0..<Int32(count)
                self.state.withLock { $0.behind = Set(numbers) }
                do throws(KafkaError) {
                    try self.consumer.assign(
                        numbers.map {
                            StreamPosition(topic: self.topic, partition: $0, offset: KafkaConsumer.first)
                        })
                    return true
                } catch {
                    self.logger.error("the topic of nodes cannot be read", metadata: ["error": "\(error)"])
                }
            } else if !hasSaid {
                self.logger.warning("no broker knows the topic of nodes yet", metadata: ["topic": "\(self.topic)"])
                hasSaid = true
            }
            parker.sleep(timeoutNanoseconds: Self.pauseNanoseconds) { self.thread.isStopping }
        }
        return false
    }

    private func handle(_ event: KafkaConsumer.Event) {
        switch event {
        case .messages(let messages): for message in messages { self.take(message) }
        case .end(let partition): self.state.withLock { _ = $0.behind?.remove(partition.number) }
        case .statistics(let text):
            if let count = BrokerStates.upCount(text) { self.state.withLock { $0.brokersUp = count } }
        case .failed(let error, _): self.logger.debug("kafka", metadata: ["error": "\(error)"])
        case .log(let level, let text): self.logger.log(level: level <= 4 ? .debug : .trace, "kafka: \(text)")
        case .other: break
        }
    }

    private func take(_ message: StreamMessage) {
        // Without a value it says that a key is no more, which no unit does.
        guard let value = message.value else { return }
        guard let said = UnitAnnouncement(json: value), let key = message.key, key.elementsEqual(said.key.utf8) else {
            return self.state.withLock { $0.unreadableCount += 1 }
        }
        let now = MonotonicClock.nowNanoseconds
        let isOld = self.state.withLock { $0.behind?.contains(message.partition.number) ?? true }
        // What has been there for long was not said now.
        let wall = WallClock.nowNanoseconds
        let age = isOld ? wall - min(wall, said.sentNanoseconds) : 0
        self.directory.take(said, nowNanoseconds: now - min(now, age))
    }
}
