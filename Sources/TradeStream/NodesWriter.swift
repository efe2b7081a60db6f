// SPDX-License-Identifier: Apache-2.0
// Says once a second that a unit is there and where, and at the end that it is not.

import Fleet
import Logging
import RiskKernel
import Synchronization

/// The thread `tr-nodes-out`. At most one announcement is on its way, so that none waits that is old.
///
/// Ownership: the producer belongs to the thread; what is said is set under a lock.
public final class NodesWriter: Sendable {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000
    private static let endMilliseconds: Int32 = 1_000

    private let topic: String
    private let producer: KafkaProducer
    private let logger: Logger
    private let announcement = Mutex<UnitAnnouncement?>(nil)
    private let failures = Mutex<UInt64>(0)
    private let thread = RoleThread(name: "tr-nodes-out")

    /// - Throws: where librdkafka does not take a setting.
    public init(settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        self.topic = settings.nodesTopic
        self.producer = try KafkaProducer(settings.producerProperties("unit"))
        self.logger = logger
    }

    /// Announcements no broker took; the next follows within a second.
    public var failedCount: UInt64 { self.failures.withLock { $0 } }

    public func start() { self.thread.start { self.run() } }

    /// From now on this is said, with the time at which it is.
    public func say(_ announcement: UnitAnnouncement) {
        self.announcement.withLock { $0 = announcement }
        self.producer.wake()
    }

    /// Says that the unit has ended, if it ever said anything, and waits a little until a broker has it.
    public func stop() { self.thread.stop(waking: self.producer.wake) }

    // MARK: The thread

    private func run() {
        var due: UInt64 = 0
        var isOnItsWay = false
        while !self.thread.isStopping {
            let now = MonotonicClock.nowNanoseconds
            let hasNews = self.announcement.withLock { $0 != nil }
            if hasNews, now >= due, !isOnItsWay {
                due = now + Self.intervalNanoseconds
                isOnItsWay = self.send(.serving)
            }
            let left = due - min(due, MonotonicClock.nowNanoseconds)
            self.listen(&isOnItsWay, milliseconds: hasNews ? Int32(min(left / 1_000_000 + 1, 100)) : 100)
        }
        if self.announcement.withLock({ $0 != nil }) { _ = self.send(.ended) }
        self.producer.close(timeoutMilliseconds: Self.endMilliseconds)
    }

    private func send(_ state: UnitAnnouncement.State) -> Bool {
        guard var said = self.announcement.withLock({ $0 }) else { return false }
        said.state = state
        said.sentNanoseconds = WallClock.nowNanoseconds
        let result = self.producer.send(topic: self.topic, key: Array(said.key.utf8), value: said.json, token: 1)
        if result == .queued { return true }
        self.fail("\(result)")
        return false
    }

    private func listen(_ isOnItsWay: inout Bool, milliseconds: Int32) {
        var timeout = milliseconds
        while let event = self.producer.poll(timeoutMilliseconds: timeout) {
            timeout = 0
            switch event {
            case .reports(let reports):
                isOnItsWay = false
                for error in reports.compactMap(\.error) { self.fail("\(error)") }
            case .failed(let error): self.logger.debug("kafka", metadata: ["error": "\(error)"])
            case .log(let level, let text): self.logger.log(level: level <= 4 ? .debug : .trace, "kafka: \(text)")
            case .statistics, .other: break
            }
        }
        do throws(KafkaError) {
            if let error = try self.producer.restartIfFatal() {
                isOnItsWay = false
                self.fail("\(error)")
            }
        } catch {
            self.fail("\(error)")
        }
    }

    private func fail(_ reason: String) {
        let isFirst = self.failures.withLock { count in
            count += 1
            return count == 1
        }
        self.logger.log(
            level: isFirst ? .warning : .debug, "nobody hears that this unit is there",
            metadata: ["reason": "\(reason)"])
    }
}
