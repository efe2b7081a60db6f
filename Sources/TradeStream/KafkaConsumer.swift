// SPDX-License-Identifier: Apache-2.0
// A reader of partitions, by a group's say or its own, whose offsets are kept by somebody else.

import CLibRdKafka
import RiskKernel
import RiskStore

/// Partitions come and go by cooperative rebalances, or are assigned once; where reading begins is the caller's to say.
///
/// Ownership: one thread polls; ``wake()`` from any.
final class KafkaConsumer: Sendable {
    enum Event {
        case messages([StreamMessage])
        case failed(KafkaError, StreamPartition?)
        case statistics([UInt8])
        case log(level: Int32, text: String)
        /// All that there is of a partition was read; told where that is asked for.
        case end(StreamPartition)
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
        let code = list.withPointer { rd_kafka_subscribe(self.handle.client, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// Reads these from now on, and no others; no group has a say in it.
    func assign(_ positions: [StreamPosition]) throws(KafkaError) {
        let list = PartitionList()
        for position in positions {
            list.add(StreamPartition(topic: position.topic, number: position.partition), offset: position.offset)
        }
        let code = list.withPointer { rd_kafka_assign(self.handle.client, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code) }
    }

    /// How many partitions a topic has, asked of a broker; `nil` where none says so in time or there is no such topic.
    func partitionCount(of topic: String, timeoutMilliseconds: Int32) -> Int? {
        guard let local = rd_kafka_topic_new(self.handle.client, topic, nil) else { return nil }
        defer { rd_kafka_topic_destroy(local) }
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(self.handle.client, 0, local, &answer, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { return nil }
        defer { rd_kafka_metadata_destroy(answer) }
        guard answer.pointee.topic_cnt == 1, answer.pointee.topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR,
            answer.pointee.topics[0].partition_cnt > 0
        else { return nil }
        return Int(answer.pointee.topics[0].partition_cnt)
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
        case RD_KAFKA_EVENT_ERROR:
            guard let error = event.error else { return .other }
            if error.isOne(of: RD_KAFKA_RESP_ERR__PARTITION_EOF), let partition = event.partition {
                return .end(partition)
            }
            return .failed(error, event.partition)
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
            failure = KafkaError(consuming: list.withPointer { rd_kafka_incremental_assign(self.handle.client, $0) })
        } else {
            rebalance.revoke(partitions, rd_kafka_assignment_lost(self.handle.client) != 0)
            let list = PartitionList(partitions)
            failure = KafkaError(consuming: list.withPointer { rd_kafka_incremental_unassign(self.handle.client, $0) })
        }
        return failure.map { .failed($0, nil) } ?? .other
    }

    /// Nothing of these comes until they are resumed; what was fetched already comes again then.
    func pause(_ partitions: some Sequence<StreamPartition>) {
        let list = PartitionList(partitions)
        _ = list.withPointer { rd_kafka_pause_partitions(self.handle.client, $0) }
    }

    func resume(_ partitions: some Sequence<StreamPartition>) {
        let list = PartitionList(partitions)
        _ = list.withPointer { rd_kafka_resume_partitions(self.handle.client, $0) }
    }

    /// Tells the group how far it is, for those who watch; nothing of ours depends on it. Does not wait.
    func commit(_ positions: [StreamPosition]) {
        if positions.isEmpty { return }
        let list = PartitionList()
        for position in positions {
            list.add(StreamPartition(topic: position.topic, number: position.partition), offset: position.offset)
        }
        _ = list.withPointer { rd_kafka_commit(self.handle.client, $0, 1) }
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
    private let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init() { self.pointer = rd_kafka_topic_partition_list_new(8) }

    init(_ partitions: some Sequence<StreamPartition>) {
        self.init()
        for partition in partitions { self.add(partition) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(self.pointer) }

    /// The list is there for the whole of `body`; a pointer that leaves it may outlive the list.
    func withPointer<Result>(
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result
    ) -> Result { body(self.pointer) }

    func add(_ partition: StreamPartition, offset: Int64? = nil) {
        let element = rd_kafka_topic_partition_list_add(self.pointer, partition.topic, partition.number)
        if let offset { element?.pointee.offset = offset }
    }
}
