// SPDX-License-Identifier: Apache-2.0
// What librdkafka says went wrong.

import CLibRdKafka

public struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable, such as `_TRANSPORT`.
    public let name: String
    /// For people.
    public let text: String
    let code: Int32
    /// The client can do nothing more and is made anew.
    let isFatal: Bool

    init(_ code: rd_kafka_resp_err_t, text: String? = nil, isFatal: Bool = false) {
        self.name = String(cString: rd_kafka_err2name(code))
        self.text = text ?? String(cString: rd_kafka_err2str(code))
        self.code = code.rawValue
        self.isFatal = isFatal
    }

    /// Takes the error of a call; `nil` where there is none.
    init?(consuming error: OpaquePointer?) {
        guard let error else { return nil }
        self.init(
            rd_kafka_error_code(error), text: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0)
        rd_kafka_error_destroy(error)
    }

    /// A property librdkafka does not know or whose value it does not take.
    init(property: String, text: String) {
        self.name = "_INVALID_ARG"
        self.text = "kafka: the property \(property) \(text)"
        self.code = RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue
        self.isFatal = false
    }

    func isOne(of codes: rd_kafka_resp_err_t...) -> Bool { codes.contains { $0.rawValue == self.code } }

    public var description: String { "\(self.text) (\(self.name))" }
}
