// SPDX-License-Identifier: Apache-2.0
// A message as it was read.

/// A partition of a topic.
package struct StreamPartition: Sendable, Hashable {
    package var topic: String
    package var number: Int32

    package init(topic: String, number: Int32) {
        self.topic = topic
        self.number = number
    }
}

/// Key and value are copies; a value may be absent, which is something else than an empty one.
package struct StreamMessage: Sendable, Equatable {
    package var partition: StreamPartition
    package var offset: Int64
    package var key: [UInt8]?
    package var value: [UInt8]?

    package init(partition: StreamPartition, offset: Int64, key: [UInt8]?, value: [UInt8]?) {
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
    }
}
