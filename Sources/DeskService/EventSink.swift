// SPDX-License-Identifier: Apache-2.0
// Who tells clients what happened.

public protocol EventSink: Sendable {
    /// Tells everyone on a channel; callable from any thread, does not wait.
    ///
    /// - Parameters:
    ///   - kind: `order`, `fill` or `alert`.
    ///   - data: a JSON object.
    func publish(event kind: String, data: [UInt8], channel: Int)
}
