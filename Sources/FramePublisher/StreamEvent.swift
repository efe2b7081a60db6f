// SPDX-License-Identifier: Apache-2.0
// What happened on a channel, beside its data.

/// Something that happened on a channel: an order, a fill, an alert. Unlike data it is never conflated.
package struct StreamEvent: Sendable, Equatable {
    /// From 1, one more than the channel's previous event.
    package let sequence: UInt64
    /// `order`, `fill` or `alert`.
    package let kind: String
    /// A JSON object.
    package let data: [UInt8]

    package init(sequence: UInt64, kind: String, data: [UInt8]) {
        self.sequence = sequence
        self.kind = kind
        self.data = data
    }
}
