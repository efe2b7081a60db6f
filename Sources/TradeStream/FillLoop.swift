// SPDX-License-Identifier: Apache-2.0
// What the thread of fills does in a turn.

import CLibRdKafka
import DeskService
import Logging
import RiskKernel
import RiskStore
import Synchronization

/// One batch is with the desk, the next messages wait, and beyond that partitions are paused.
///
/// ```
///  poll ─► waiting ─► desk: fills and positions in one transaction ─► rejections to their topic ─► position
///   ▲         │
///   └─ pause ─┴─ resume, once there is room
/// ```
///
/// Ownership: everything here belongs to the thread that runs ``turn()``.
final class FillLoop {
    typealias Booked = Result<[StreamFillOutcome], DeskRefusal>

    /// Where the batch at hand is.
    enum Stage {
        case idle
        case booking(FillBatch, ThreadAnswer<Booked>)
        /// Rejections by token that no broker has confirmed yet.
        case rejecting(FillBatch, [UInt: FillBatch.Rejection])
        /// Rejections have their place, the positions behind them are being written down.
        case settling(FillBatch, ThreadAnswer<Booked>)
        /// The desk refused it; it is tried again.
        case refused(FillBatch, againNanoseconds: UInt64)
    }

    struct Reading {
        /// Behind what is booked; `nil` where nothing ever was.
        var position: Int64?
    }

    static let batchMax = 512
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    /// A batch that is with the desk when a partition of it is taken away is waited for so long.
    private static let revokeNanoseconds: UInt64 = 5_000_000_000

    let reader: FillReader
    var stage = Stage.idle
    /// Read and not with the desk yet.
    var waiting: [StreamMessage] = []
    /// Those that are ours.
    var assigned: [StreamPartition: Reading] = [:]
    var isPaused = false
    /// Whether partitions came while the others were paused.
    var hasUnpaused = false
    var tokenCount: UInt = 0
    var lastWatchNanoseconds: UInt64 = 0

    var consumer: KafkaConsumer { self.reader.consumer }
    private(set) lazy var rebalance = KafkaConsumer.Rebalance(
        assign: { [unowned self] in self.assign($0) }, revoke: { [unowned self] in self.revoke($0, isLost: $1) })

    init(_ reader: FillReader) { self.reader = reader }

    // MARK: A turn

    func turn() {
        var timeout: Int32 = 100
        switch self.stage {
        case .rejecting: timeout = 5
        case .idle where !self.waiting.isEmpty: timeout = 0
        default: break
        }
        if self.hasUnpaused || !self.isPaused && self.waiting.count >= self.reader.settings.waitingMax { self.pause() }
        for _ in 0..<Self.batchMax {
            guard let event = self.consumer.poll(timeoutMilliseconds: timeout, self.rebalance) else { break }
            self.handle(event)
            timeout = 0
        }
        self.advance()
        self.resumeIfRoom()
        self.watch()
    }

    private func handle(_ event: KafkaConsumer.Event) {
        switch event {
        case .messages(let messages):
            // A partition that was taken away may still have had something in the queue.
            self.waiting += messages.filter { self.assigned[$0.partition] != nil }
        case .failed(let error, let partition): self.handle(error, partition)
        case .statistics(let text): BrokerStates.upCount(text).map(self.reader.sawBrokers)
        case .log(let level, let text): self.reader.logger.log(level: level <= 4 ? .debug : .trace, "kafka: \(text)")
        case .end, .other: break
        }
    }

    private func handle(_ error: KafkaError, _ partition: StreamPartition?) {
        if error.isOne(of: RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET), let partition {
            let text = """
                the next message of partition \(partition.number) of \(partition.topic) is gone: \(error.text); \
                hint: kafka.lost_offsets
                """
            self.reader.logger.error("fills are missing, the partition stops", metadata: ["reason": "\(text)"])
            self.reader.counts.withLock { $0.lost[partition.number] = text }
            return
        }
        if error.isFatal { return self.reader.stall("\(error)") }
        // Connections come and go; how many brokers answer is told by readiness.
        self.reader.logger.debug("kafka", metadata: ["error": "\(error)"])
    }

    // MARK: The batch at hand

    private func advance() {
        switch self.stage {
        case .idle:
            guard !self.waiting.isEmpty else { return }
            let messages = Array(self.waiting.prefix(Self.batchMax))
            self.waiting.removeFirst(messages.count)
            self.book(FillBatch(messages, share: self.reader.settings.share))
        case .booking(let batch, let answer):
            if let booked = answer.take() { self.took(batch, booked) }
        case .rejecting(let batch, let open):
            self.takeReports(batch, open)
        case .settling(let batch, let answer):
            guard let booked = answer.take() else { return }
            switch booked {
            case .success: self.finish(batch)
            case .failure(let refusal): self.refuse(batch, refusal)
            }
        case .refused(let batch, let again):
            if MonotonicClock.nowNanoseconds >= again { self.book(batch) }
        }
    }

    private func book(_ batch: FillBatch) {
        let (target, consumer) = (self.reader.target, self.consumer)
        let answer = ThreadAnswer<Booked>(
            {
                do throws(DeskRefusal) {
                    return .success(try await target.book(batch.fills, batch.positions(after:)))
                } catch {
                    return .failure(error)
                }
            }, then: consumer.wake)
        self.stage = .booking(batch, answer)
    }

    private func took(_ batch: FillBatch, _ booked: Booked) {
        let outcomes: [StreamFillOutcome]
        switch booked {
        case .failure(let refusal): return self.refuse(batch, refusal)
        case .success(let success): outcomes = success
        }
        let rejections = batch.rejections(after: outcomes)
        self.reader.counts.withLock { counts in
            if counts.stall != nil { self.reader.logger.notice("fills are read again") }
            counts.stall = nil
            counts.acceptedCount += UInt64(outcomes.count { $0 == .accepted })
            counts.repeatedCount += UInt64(outcomes.count { $0 == .repeated })
            for rejection in rejections { counts.rejectedCounts[rejection.fault.reason, default: 0] += 1 }
        }
        if rejections.isEmpty { return self.finish(batch) }
        self.stage = .rejecting(batch, self.send(rejections))
        self.takeReports(batch, [:])
    }

    /// The store or the desk takes nothing: nothing is read until it does.
    private func refuse(_ batch: FillBatch, _ refusal: DeskRefusal) {
        let reason: String
        switch refusal {
        case .storeFailed(let error): reason = "\(error)"
        case .stopping: reason = "the desk is closed"
        default: reason = "\(refusal)"
        }
        self.reader.stall(reason)
        if !self.isPaused { self.pause() }
        self.stage = .refused(batch, againNanoseconds: MonotonicClock.nowNanoseconds + Self.retryNanoseconds)
    }

    private func finish(_ batch: FillBatch) {
        self.stage = .idle
        let positions = batch.endPositions.filter { self.assigned[$0.streamPartition] != nil }
        for position in positions { self.assigned[position.streamPartition] = Reading(position: position.offset) }
        self.consumer.commit(positions)
    }

    // MARK: Rejections

    private func send(_ rejections: [FillBatch.Rejection]) -> [UInt: FillBatch.Rejection] {
        var open: [UInt: FillBatch.Rejection] = [:]
        for rejection in rejections {
            self.tokenCount += 1
            let result = self.reader.rejections.send(rejection, to: self.reader.settings, token: self.tokenCount)
            if result == .queued {
                open[self.tokenCount] = rejection
            } else {
                self.lose(rejection, "\(result)")
            }
        }
        return open
    }

    private func takeReports(_ batch: FillBatch, _ known: [UInt: FillBatch.Rejection]) {
        guard case .rejecting(_, var open) = self.stage else { return }
        while let event = self.reader.rejections.poll(timeoutMilliseconds: 0) {
            guard case .reports(let reports) = event else { continue }
            for report in reports {
                guard let rejection = open.removeValue(forKey: report.token), let error = report.error else { continue }
                self.lose(rejection, "\(error)")
            }
        }
        if let error = try? self.reader.rejections.restartIfFatal() {
            for rejection in open.values { self.lose(rejection, "\(error)") }
            open = [:]
        }
        guard open.isEmpty else {
            self.stage = .rejecting(batch, open)
            return
        }
        let (target, consumer) = (self.reader.target, self.consumer)
        let positions = batch.endPositions.filter { self.assigned[$0.streamPartition] != nil }
        let answer = ThreadAnswer<Booked>(
            {
                do throws(DeskRefusal) {
                    return .success(try await target.book([], { _ in positions }))
                } catch {
                    return .failure(error)
                }
            }, then: consumer.wake)
        self.stage = .settling(batch, answer)
    }

    /// A rejection that finds no place does not hold up what comes behind it.
    private func lose(_ rejection: FillBatch.Rejection, _ why: String) {
        self.reader.counts.withLock { $0.unplacedCount += 1 }
        self.reader.logger.error(
            "a rejected fill found no place",
            metadata: [
                "topic": "\(rejection.message.partition.topic)", "partition": "\(rejection.message.partition.number)",
                "offset": "\(rejection.message.offset)", "rejected": "\(rejection.fault.reason)", "reason": "\(why)",
            ])
    }

    // MARK: Room

    private func pause() {
        self.consumer.pause(self.assigned.keys)
        if !self.isPaused { self.reader.counts.withLock { $0.pauseCount += 1 } }
        self.isPaused = true
        self.hasUnpaused = false
    }

    private func resumeIfRoom() {
        guard self.isPaused, self.waiting.count < self.reader.settings.waitingMax / 2 else { return }
        if case .refused = self.stage { return }
        self.consumer.resume(self.assigned.keys)
        self.isPaused = false
        self.hasUnpaused = false
    }

    // MARK: Rebalances

    /// Reads one partition for good.
    func readOnly(_ partition: StreamPartition) throws(KafkaError) {
        try self.consumer.assign(self.assign([partition]))
    }

    /// Reading begins where the store says, else where the configuration does.
    private func assign(_ partitions: [StreamPartition]) -> [StreamPosition] {
        guard let stored = self.reader.storedPositions() else { return [] }
        let known = Dictionary(stored.map { ($0.streamPartition, $0.offset) }, uniquingKeysWith: { $1 })
        let first = self.reader.settings.beginsAtFirst ? KafkaConsumer.first : KafkaConsumer.end
        for partition in partitions { self.assigned[partition] = Reading(position: known[partition]) }
        self.reader.counts.withLock { $0.rebalanceCount += 1 }
        self.reader.logger.info(
            "partitions of fills are ours", metadata: ["partitions": "\(partitions.map(\.number).sorted())"])
        self.hasUnpaused = self.isPaused
        self.lastWatchNanoseconds = 0
        return partitions.map { partition in
            StreamPosition(topic: partition.topic, partition: partition.number, offset: known[partition] ?? first)
        }
    }

    /// What the desk has is written down first; what waits is somebody else's.
    private func revoke(_ partitions: [StreamPartition], isLost: Bool) {
        self.awaitBooking()
        let gone = Set(partitions)
        for partition in partitions { self.assigned[partition] = nil }
        self.waiting.removeAll { gone.contains($0.partition) }
        self.lastWatchNanoseconds = 0
        if case .refused(let batch, let again) = self.stage {
            let left = batch.removing(gone)
            self.stage = left.messages.isEmpty ? .idle : .refused(left, againNanoseconds: again)
        }
        self.reader.counts.withLock { counts in
            counts.rebalanceCount += 1
            for partition in partitions { counts.lost[partition.number] = nil }
        }
        self.reader.logger.info(
            "partitions of fills are given away",
            metadata: ["partitions": "\(partitions.map(\.number).sorted())", "lost": "\(isLost)"])
    }

    /// Waits, within bounds, until the desk has answered.
    func awaitBooking() {
        switch self.stage {
        case .booking(let batch, let answer):
            guard let booked = answer.wait(nanosecondsMax: Self.revokeNanoseconds) else { return }
            self.took(batch, booked)
        case .settling(let batch, let answer):
            if case .success = answer.wait(nanosecondsMax: Self.revokeNanoseconds) { self.finish(batch) }
        default: return
        }
    }
}

// MARK: Lag

extension FillLoop {
    private static let watchNanoseconds: UInt64 = 1_000_000_000
    private static let askMilliseconds: Int32 = 100

    /// Once a second, and whenever partitions come or go: how far each of ours is behind.
    func watch() {
        let now = MonotonicClock.nowNanoseconds
        guard now >= self.lastWatchNanoseconds + Self.watchNanoseconds else { return }
        self.lastWatchNanoseconds = now
        let isUp = self.reader.counts.withLock { ($0.brokersUp ?? 0) > 0 }
        var partitions: [Int32: FillCounts.Partition] = [:]
        for (partition, reading) in self.assigned {
            // What a fetch brings along is not renewed while nothing is fetched.
            let high =
                self.isPaused && isUp
                ? self.consumer.askedWatermark(of: partition, timeoutMilliseconds: Self.askMilliseconds)
                : self.consumer.highWatermark(of: partition)
            // Where nothing was booked and reading begins at the end, nobody knows yet where that is.
            let position = reading.position ?? (self.reader.settings.beginsAtFirst ? 0 : nil)
            let lag = position.flatMap { position in high.map { max(0, $0 - position) } }
            partitions[partition.number] = FillCounts.Partition(position: reading.position, lag: lag)
        }
        self.reader.counts.withLock { $0.partitions = partitions }
    }
}

extension StreamPosition {
    var streamPartition: StreamPartition { StreamPartition(topic: self.topic, number: self.partition) }
}
