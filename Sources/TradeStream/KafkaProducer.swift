// SPDX-License-Identifier: Apache-2.0
// Sends messages once and in order, and says what became of each.

import CLibRdKafka
import Synchronization

/// An idempotent producer with a bounded queue. One that librdkafka has given up is replaced by another.
///
/// Ownership: one thread sends and polls.
final class KafkaProducer: Sendable {
    enum Event {
        case reports([DeliveryReport])
        case failed(KafkaError)
        case statistics([UInt8])
        case log(level: Int32, text: String)
        case other
    }

    enum SendResult: Equatable {
        case queued
        /// The queue holds no more.
        case full
        case refused(KafkaError)
    }

    private let properties: [KafkaSettings.Property]
    private let handle: Mutex<KafkaHandle>

    init(_ properties: [KafkaSettings.Property]) throws(KafkaError) {
        self.properties = properties
        self.handle = Mutex(try KafkaHandle(.producer, properties))
    }

    private var current: KafkaHandle { self.handle.withLock { $0 } }

    func wake() { self.current.wake() }

    /// Puts a message into the queue; every one that is queued is reported once, by its token.
    func send(
        topic: String, key: [UInt8]?, value: [UInt8]?, headers: KeyValuePairs<String, String> = [:], token: UInt
    ) -> SendResult {
        let client = self.current.client
        var list: OpaquePointer?
        if !headers.isEmpty {
            list = rd_kafka_headers_new(headers.count)
            for (name, text) in headers { rd_kafka_header_add(list, name, -1, text, text.utf8.count) }
        }
        let code = Self.withBytes(key) { key in
            Self.withBytes(value) { value in tr_kafka_produce(client, topic, key, value, list, token) }
        }
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return .queued
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: return .full
        default: return .refused(KafkaError(code))
        }
    }

    private static func withBytes<Result>(_ bytes: [UInt8]?, _ body: (tr_kafka_bytes) -> Result) -> Result {
        guard let bytes else { return body(tr_kafka_bytes(base: nil, size: 0)) }
        // An empty array has no address, and no address means no value.
        if bytes.isEmpty {
            return withUnsafeBytes(of: 0 as UInt8) { body(tr_kafka_bytes(base: $0.baseAddress, size: 0)) }
        }
        return bytes.withUnsafeBytes { body(tr_kafka_bytes(base: $0.baseAddress, size: $0.count)) }
    }

    func poll(timeoutMilliseconds: Int32) -> Event? {
        let handle = self.current
        guard let event = KafkaEvent.next(of: handle, timeoutMilliseconds: timeoutMilliseconds) else { return nil }
        switch event.type {
        case RD_KAFKA_EVENT_DR:
            var reports: [DeliveryReport] = []
            event.eachReport { reports.append($0) }
            return .reports(reports)
        case RD_KAFKA_EVENT_ERROR: return event.error.map { .failed($0) } ?? .other
        case RD_KAFKA_EVENT_STATS: return .statistics(event.statistics)
        case RD_KAFKA_EVENT_LOG: return event.log.map { .log(level: $0.level, text: $0.text) } ?? .other
        default: return .other
        }
    }

    /// Replaces a client that can do nothing more; what it had queued is reported by nobody.
    ///
    /// - Returns: why, or `nil` where the client is sound.
    func restartIfFatal() throws(KafkaError) -> KafkaError? {
        guard let error = self.current.fatalError else { return nil }
        let next = try KafkaHandle(.producer, self.properties)
        self.handle.withLock { $0 = next }
        return error
    }

    /// Gives what is queued a little time, then lets it go.
    func close(timeoutMilliseconds: Int32) {
        let client = self.current.client
        _ = rd_kafka_flush(client, timeoutMilliseconds)
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    }
}
