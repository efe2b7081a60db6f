// SPDX-License-Identifier: Apache-2.0
// Tells a client that takes little from one that takes nothing. Pure: time and bytes come in.

/// Watches a connection that cannot be written to.
package struct StallWatch {
    private var takenBytes = 0
    private var sinceNanoseconds: UInt64?

    package init() {}

    /// - Parameter takenBytes: of all that was ever written, what the peer has taken; more than before is progress.
    /// - Returns: whether nothing was taken for `timeoutNanoseconds`.
    package mutating func isStalled(
        isWritable: Bool, takenBytes: Int, nowNanoseconds: UInt64, timeoutNanoseconds: UInt64
    ) -> Bool {
        if isWritable {
            self.sinceNanoseconds = nil
            return false
        }
        guard let since = self.sinceNanoseconds, takenBytes <= self.takenBytes else {
            self.sinceNanoseconds = nowNanoseconds
            self.takenBytes = takenBytes
            return false
        }
        return nowNanoseconds - since >= timeoutNanoseconds
    }
}
