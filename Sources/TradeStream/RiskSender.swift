// SPDX-License-Identifier: Apache-2.0
// Sends each account's newest risk and scenario P&L, on a thread of its own.

import FramePublisher
import Logging
import RiskDomain
import RiskKernel
import Synchronization

/// What was sent, by topic.
public struct RiskCounts: Sendable, Equatable {
    public struct Topic: Sendable, Equatable {
        /// Messages a broker has.
        public var producedCount: UInt64 = 0
        /// Messages nobody took; the account's newest follows.
        public var failedCount: UInt64 = 0
        /// Values replaced by newer ones before they were sent.
        public var conflatedCount: UInt64 = 0
    }

    public var topics: [String: Topic] = [:]
    /// Brokers with an open connection; `nil` before the first statistics.
    public var brokersUp: Int?
}

/// The thread `tr-risk-out`. It reads the newest cuts, so that neither engine nor publisher knows of it.
///
/// Ownership: producer and slots belong to the thread; counts are read under a lock.
final class RiskSender: Sendable {
    /// What cuts are of.
    struct Source: Sendable {
        var cuts: any CutSource
        var catalog: ChannelCatalog
        var epoch: UInt64
        /// Of the scenarios that run.
        var dates: @Sendable () -> [String]
    }

    private let settings: KafkaSettings
    private let producer: KafkaProducer
    private let source: Source
    private let logger: Logger
    let counts: Mutex<RiskCounts>
    private let thread = RoleThread(name: "tr-risk-out")

    init(settings: KafkaSettings, source: Source, logger: Logger) throws(KafkaError) {
        self.settings = settings
        self.producer = try KafkaProducer(settings.producerProperties("risk"))
        self.source = source
        self.logger = logger
        var counts = RiskCounts()
        for topic in [settings.riskTopic, settings.vectorsTopic].compactMap({ $0 }) { counts.topics[topic] = .init() }
        self.counts = Mutex(counts)
    }

    func start() { self.thread.start { self.run() } }

    func stop() { self.thread.stop(waking: self.producer.wake) }

    // MARK: The thread

    private struct Outgoing {
        var topic: String
        var isVector: Bool
        /// By account.
        var slots: [LatestSlot]
    }

    private struct Work {
        var outgoing: [Outgoing]
        var dueNanoseconds: UInt64 = 0
        var dates: [String] = []
        var digest: UInt64 = 0
    }

    private func run() {
        let accounts = self.source.catalog.accounts.count
        let topics = [(self.settings.riskTopic, false), (self.settings.vectorsTopic, true)]
        var work = Work(
            outgoing: topics.compactMap { topic, isVector in
                topic.map { name in
                    Outgoing(topic: name, isVector: isVector, slots: Array(repeating: LatestSlot(), count: accounts))
                }
            })
        while !self.thread.isStopping {
            let now = MonotonicClock.nowNanoseconds
            if now >= work.dueNanoseconds {
                // Beats that were missed are not made up for.
                work.dueNanoseconds = now + self.settings.intervalNanoseconds
                self.offer(&work)
            }
            self.listen(&work)
        }
        self.producer.close(timeoutMilliseconds: 500)
    }

    private func listen(_ work: inout Work) {
        let left = work.dueNanoseconds - min(work.dueNanoseconds, MonotonicClock.nowNanoseconds)
        var timeout = Int32(min(left / 1_000_000 + 1, 100))
        while let event = self.producer.poll(timeoutMilliseconds: timeout) {
            timeout = 0
            switch event {
            case .reports(let reports): self.take(reports, &work)
            case .statistics(let text):
                if let count = BrokerStates.upCount(text) { self.counts.withLock { $0.brokersUp = count } }
            case .failed(let error): self.logger.debug("kafka", metadata: ["error": "\(error)"])
            case .log(let level, let text): self.logger.log(level: level <= 4 ? .debug : .trace, "kafka: \(text)")
            case .other: break
            }
        }
        do throws(KafkaError) {
            guard let error = try self.producer.restartIfFatal() else { return }
            self.logger.error("the producer of risk starts anew", metadata: ["error": "\(error)"])
            for topic in work.outgoing.indices {
                for account in work.outgoing[topic].slots.indices { work.outgoing[topic].slots[account].fail() }
            }
        } catch {
            self.logger.error("no producer of risk can be made", metadata: ["error": "\(error)"])
        }
    }

    private func offer(_ work: inout Work) {
        let dates = self.source.dates()
        if dates != work.dates { (work.dates, work.digest) = (dates, ScenarioReturns.digest(of: dates)) }
        for number in self.source.catalog.accounts.indices {
            let channel = self.source.catalog.index(ofAccountNumber: number)
            guard let cut = self.source.cuts.newestCut(channel: channel) else { continue }
            for topic in work.outgoing.indices { self.offer(cut, number, topic, &work) }
        }
        self.counts.withLock { counts in
            for outgoing in work.outgoing {
                counts.topics[outgoing.topic]?.conflatedCount = outgoing.slots.reduce(0) { $0 + $1.conflatedCount }
            }
        }
    }

    private func offer(_ cut: ChannelCut, _ number: Int, _ topic: Int, _ work: inout Work) {
        let outgoing = work.outgoing[topic]
        // A cut of scenarios that a reload has replaced; another follows.
        if outgoing.isVector, cut.scenarioPnL.isEmpty || cut.scenarioPnL.count != work.dates.count { return }
        guard work.outgoing[topic].slots[number].offer(cut.sequence) else { return }
        let account = self.source.catalog.accounts[number]
        let value =
            outgoing.isVector
            ? VectorMessage.bytes(of: cut, currency: account.currency, epoch: self.source.epoch, digest: work.digest)
            : RiskMessage.json(of: cut, account: account.id, epoch: String(self.source.epoch))
        let token = UInt(topic) << 32 | UInt(number)
        let result = self.producer.send(
            topic: outgoing.topic, key: Array(account.id.utf8), value: value, token: token)
        guard result != .queued else { return }
        work.outgoing[topic].slots[number].fail()
        if case .refused(let error) = result {
            self.counts.withLock { $0.topics[outgoing.topic]?.failedCount += 1 }
            self.logger.debug("risk is not sent", metadata: ["topic": "\(outgoing.topic)", "error": "\(error)"])
        }
    }

    private func take(_ reports: [DeliveryReport], _ work: inout Work) {
        for report in reports {
            let (topic, number) = (Int(report.token >> 32), Int(report.token & 0xFFFF_FFFF))
            if let error = report.error {
                work.outgoing[topic].slots[number].fail()
                self.logger.debug("risk is not delivered", metadata: ["error": "\(error)"])
            } else {
                work.outgoing[topic].slots[number].confirm()
            }
            self.counts.withLock { counts in
                let name = work.outgoing[topic].topic
                if report.error == nil {
                    counts.topics[name]?.producedCount += 1
                } else {
                    counts.topics[name]?.failedCount += 1
                }
            }
        }
    }
}
