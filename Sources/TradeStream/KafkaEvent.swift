// SPDX-License-Identifier: Apache-2.0
// One event out of a client's queue, copied into values of ours before librdkafka takes it back.

import CLibRdKafka

/// The end of a message that was to be sent.
struct DeliveryReport: Sendable, Equatable {
    var token: UInt
    /// `nil` where a broker has it, and its copies.
    var error: KafkaError?
}

/// Events of a queue; destroyed with the value.
struct KafkaEvent: ~Copyable {
    private let event: OpaquePointer

    /// Waits for an event.
    ///
    /// - Returns: `nil` where none came in time, or somebody called ``KafkaHandle/wake()``.
    static func next(of handle: KafkaHandle, timeoutMilliseconds: Int32) -> KafkaEvent? {
        rd_kafka_queue_poll(handle.queue, timeoutMilliseconds).map { KafkaEvent(event: $0) }
    }

    private init(event: OpaquePointer) { self.event = event }

    deinit { rd_kafka_event_destroy(self.event) }

    var type: Int32 { rd_kafka_event_type(self.event) }

    var error: KafkaError? {
        let code = rd_kafka_event_error(self.event)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let text = rd_kafka_event_error_string(self.event).map { String(cString: $0) }
        return KafkaError(code, text: text, isFatal: rd_kafka_event_error_is_fatal(self.event) != 0)
    }

    /// Of an error that is about one.
    var partition: StreamPartition? {
        guard let found = rd_kafka_event_topic_partition(self.event) else { return nil }
        defer { rd_kafka_topic_partition_destroy(found) }
        return StreamPartition(topic: String(cString: found.pointee.topic), number: found.pointee.partition)
    }

    /// Those a rebalance gives or takes.
    var partitions: [StreamPartition] {
        guard let list = rd_kafka_event_topic_partition_list(self.event) else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            return StreamPartition(topic: String(cString: element.topic), number: element.partition)
        }
    }

    /// Messages read; those that are errors are left out.
    func eachMessage(_ visit: (StreamMessage) -> Void) {
        while let message = rd_kafka_event_message_next(self.event) {
            let found = message.pointee
            guard found.err == RD_KAFKA_RESP_ERR_NO_ERROR, let topic = found.rkt else { continue }
            let partition = StreamPartition(
                topic: String(cString: rd_kafka_topic_name(topic)), number: found.partition)
            visit(
                StreamMessage(
                    partition: partition, offset: found.offset, key: Self.bytes(found.key, found.key_len),
                    value: Self.bytes(found.payload, found.len)))
        }
    }

    func eachReport(_ visit: (DeliveryReport) -> Void) {
        while let message = rd_kafka_event_message_next(self.event) {
            let code = message.pointee.err
            visit(
                DeliveryReport(
                    token: UInt(tr_kafka_token(message)),
                    error: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)))
        }
    }

    private static func bytes(_ base: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
        base.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }

    /// JSON, of an event of statistics.
    var statistics: [UInt8] {
        rd_kafka_event_stats(self.event).map { Array(String(cString: $0).utf8) } ?? []
    }

    /// A line of librdkafka's own log; 3 is an error, 4 a warning, as syslog counts.
    var log: (level: Int32, text: String)? {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(self.event, &facility, &text, &level) == 0, let text else { return nil }
        return (level, String(cString: text))
    }
}
