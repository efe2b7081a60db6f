// SPDX-License-Identifier: Apache-2.0
// An alert book as it stood when the process ended.

extension Alert {
    /// An alert that was written down; its peak and latest value are the one it was raised by until the next
    /// observation.
    public init(
        id: UInt64, rule: LimitRule, value: Double, raisedNanoseconds: UInt64, acknowledged: Signature?
    ) {
        self.init(id: id, rule: rule, value: value, timeNanoseconds: raisedNanoseconds)
        self.acknowledged = acknowledged
        if acknowledged != nil { self.stage = .acknowledged }
    }
}
