// SPDX-License-Identifier: Apache-2.0
// A rejected message on its way to the topic of rejected ones.

extension KafkaProducer {
    /// Greater values stay where they were read; the rest of the message says where that is.
    private static let rejectedBytesMax = 500_000
    private static let rejectedKeyBytesMax = 1_024

    /// Key and value as they were read; why and from where in headers.
    func send(_ rejection: FillBatch.Rejection, to settings: KafkaSettings, token: UInt) -> SendResult {
        let message = rejection.message
        let isWhole = message.value.map { $0.count <= Self.rejectedBytesMax } ?? true
        return self.send(
            topic: settings.rejectedTopic, key: message.key.flatMap { $0.count <= Self.rejectedKeyBytesMax ? $0 : nil },
            value: isWhole ? message.value : nil,
            headers: [
                "reason": rejection.fault.reason, "detail": rejection.fault.detail,
                "topic": message.partition.topic, "partition": "\(message.partition.number)",
                "offset": "\(message.offset)", "value_bytes": message.value.map { "\($0.count)" } ?? "none",
            ], token: token)
    }
}
