// SPDX-License-Identifier: Apache-2.0
// A member of a consumer group whose offsets are kept by somebody else.

import CLibRdKafka
import RiskKernel
import RiskStore

/// Partitions come and go by cooperative rebalances; where reading begins is the caller's to say.
///
/// Ownership: one thread polls; ``wake()`` from any.
final class KafkaConsumer: Sendable {
    enum Event {
        case messages([StreamMessage])
        case failed(KafkaError, StreamPartition?)
        case statistics([UInt8])
        case log(level: Int32, text: String)
        /// A rebalance that was carried out, or something nobody needs.
        case other
    }

    /// Called while a rebalance waits.
    struct Rebalance {
        /// - Returns: where reading begins, by partition; one it leaves out is not read.
        var assign: ([StreamPartition]) -> [StreamPosition]
        /// Nothing may be done with these any more once it returns.
        ///
        /// - Parameter isLost: somebody else may have them already.
        var revoke: (_ partitions: [StreamPartition], _ isLost: Bool) -> Void
    }

    /// Reading begins at the oldest message, or at the next one.
    static let first = Int64(RD_KAFKA_OFFSET_BEGINNING)
    static let end = Int64(RD_KAFKA_OFFSET_END)

    private let handle: KafkaHandle

    init(_ properties: [KafkaSettings.Property]) throws(KafkaError) {
        self.handle = try KafkaHandle(.consumer, properties)
    }

    func wake() { self.handle.wake() }

    func subscribe(to topic: String) throws(KafkaError) {
        let list = PartitionList()
        list.add(StreamPartition(topic: topic, number: -1))
        let code = rd_kafka_subscribe(self.handle.client, list.pointer)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// Waits for something to happen.
    func poll(timeoutMilliseconds: Int32, _ rebalance: Rebalance) -> Event? {
        guard let event = KafkaEvent.next(of: self.handle, timeoutMilliseconds: timeoutMilliseconds) else { return nil }
        switch event.type {
        case RD_KAFKA_EVENT_FETCH:
            var messages: [StreamMessage] = []
            event.eachMessage { messages.append($0) }
            return .messages(messages)
        case RD_KAFKA_EVENT_REBALANCE: return self.carryOut(event, rebalance)
        case RD_KAFKA_EVENT_ERROR: return event.error.map { .failed($0, event.partition) } ?? .other
        case RD_KAFKA_EVENT_STATS: return .statistics(event.statistics)
        case RD_KAFKA_EVENT_LOG: return event.log.map { .log(level: $0.level, text: $0.text) } ?? .other
        default: return .other
        }
    }

    private func carryOut(_ event: borrowing KafkaEvent, _ rebalance: Rebalance) -> Event {
        let partitions = event.partitions
        guard let reason = event.error else { return .other }
        var failure: KafkaError?
        if reason.isOne(of: RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            let positions = rebalance.assign(partitions)
            let list = PartitionList()
            for position in positions {
                list.add(StreamPartition(topic: position.topic, number: position.partition), offset: position.offset)
            }
            failure = KafkaError(consuming: rd_kafka_incremental_assign(self.handle.client, list.pointer))
        } else {
            rebalance.revoke(partitions, rd_kafka_assignment_lost(self.handle.client) != 0)
            let list = PartitionList(partitions)
            failure = KafkaError(consuming: rd_kafka_incremental_unassign(self.handle.client, list.pointer))
        }
        return failure.map { .failed($0, nil) } ?? .other
    }

    /// Nothing of these comes until they are resumed; what was fetched already comes again then.
    func pause(_ partitions: some Sequence<StreamPartition>) {
        rd_kafka_pause_partitions(self.handle.client, PartitionList(partitions).pointer)
    }

    func resume(_ partitions: some Sequence<StreamPartition>) {
        rd_kafka_resume_partitions(self.handle.client, PartitionList(partitions).pointer)
    }

    /// Tells the group how far it is, for those who watch; nothing of ours depends on it. Does not wait.
    func commit(_ positions: [StreamPosition]) {
        if positions.isEmpty { return }
        let list = PartitionList()
        for position in positions {
            list.add(StreamPartition(topic: position.topic, number: position.partition), offset: position.offset)
        }
        _ = rd_kafka_commit(self.handle.client, list.pointer, 1)
    }

    /// Of the message that will be written next, as of the last fetch; `nil` before the first.
    func highWatermark(of partition: StreamPartition) -> Int64? {
        var (low, high): (Int64, Int64) = (-1, -1)
        let code = rd_kafka_get_watermark_offsets(self.handle.client, partition.topic, partition.number, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// The same, asked of the broker.
    func askedWatermark(of partition: StreamPartition, timeoutMilliseconds: Int32) -> Int64? {
        var (low, high): (Int64, Int64) = (-1, -1)
        let code = rd_kafka_query_watermark_offsets(
            self.handle.client, partition.topic, partition.number, &low, &high, timeoutMilliseconds)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    var fatalError: KafkaError? { self.handle.fatalError }

    /// Leaves the group, so that others have the partitions at once.
    func close(timeoutNanoseconds: UInt64, _ rebalance: Rebalance) {
        let error = KafkaError(consuming: rd_kafka_consumer_close_queue(self.handle.client, self.handle.queue))
        let deadline = MonotonicClock.nowNanoseconds + timeoutNanoseconds
        while error == nil, rd_kafka_consumer_closed(self.handle.client) == 0,
            MonotonicClock.nowNanoseconds < deadline
        {
            _ = self.poll(timeoutMilliseconds: 50, rebalance)
        }
    }
}

/// A list of partitions in librdkafka's memory.
struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init() { self.pointer = rd_kafka_topic_partition_list_new(8) }

    init(_ partitions: some Sequence<StreamPartition>) {
        self.init()
        for partition in partitions { self.add(partition) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(self.pointer) }

    func add(_ partition: StreamPartition, offset: Int64? = nil) {
        let element = rd_kafka_topic_partition_list_add(self.pointer, partition.topic, partition.number)
        if let offset { element?.pointee.offset = offset }
    }
}
