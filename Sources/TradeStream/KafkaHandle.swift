// SPDX-License-Identifier: Apache-2.0
// A client of librdkafka and its queue of events: made, used, destroyed in one place.

import CLibRdKafka

/// What librdkafka would call back for comes as events out of the one queue, so that no callback into Swift exists.
///
/// Ownership: librdkafka's handles may be used from any thread; they are destroyed with the last reference, which waits
/// for librdkafka's threads.
final class KafkaHandle: @unchecked Sendable {
    enum Kind { case consumer, producer }

    let client: OpaquePointer
    /// Everything the client has to tell.
    let queue: OpaquePointer

    private static let events =
        RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE
        | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG

    init(_ kind: Kind, _ properties: [KafkaSettings.Property]) throws(KafkaError) {
        let configuration = try Self.configuration(properties)
        rd_kafka_conf_set_events(configuration, Self.events)
        var text = [CChar](repeating: 0, count: 512)
        let type = kind == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let client = rd_kafka_new(type, configuration, &text, text.count) else {
            // Without a client the configuration is still ours.
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, text: Self.string(text))
        }
        self.client = client
        switch kind {
        case .consumer:
            rd_kafka_poll_set_consumer(client)
            self.queue = rd_kafka_queue_get_consumer(client)
        case .producer: self.queue = rd_kafka_queue_get_main(client)
        }
        rd_kafka_set_log_queue(client, self.queue)
    }

    deinit {
        rd_kafka_queue_destroy(self.queue)
        rd_kafka_destroy_flags(self.client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    private static func configuration(
        _ properties: [KafkaSettings.Property]
    ) throws(KafkaError) -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE) }
        var text = [CChar](repeating: 0, count: 512)
        for property in properties {
            let result = rd_kafka_conf_set(configuration, property.name, property.value, &text, text.count)
            guard result == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                // The text may repeat the value, which may be a secret.
                let isUnknown = result == RD_KAFKA_CONF_UNKNOWN
                throw KafkaError(
                    property: property.name,
                    text: isUnknown ? "is unknown to librdkafka" : "has a value librdkafka does not take")
            }
        }
        return configuration
    }

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Ends a wait in ``KafkaEvent/next(of:timeoutMilliseconds:)``; callable from any thread.
    func wake() { rd_kafka_queue_yield(self.queue) }

    /// What has made the client useless, if something has.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(self.client, &text, text.count)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, text: Self.string(text), isFatal: true)
    }
}
