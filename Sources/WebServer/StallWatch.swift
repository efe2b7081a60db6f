// SPDX-License-Identifier: Apache-2.0
// Tells a client that takes little from one that takes nothing. Pure: time and buffered bytes come in.

/// Watches a connection that cannot be written to.
package struct StallWatch {
    private var bufferedBytes = 0
    private var sinceNanoseconds: UInt64?

    package init() {}

    /// - Parameter bufferedBytes: what the kernel has not taken yet; less than before is progress.
    /// - Returns: whether nothing was taken for `timeoutNanoseconds`.
    package mutating func isStalled(
        isWritable: Bool, bufferedBytes: Int, nowNanoseconds: UInt64, timeoutNanoseconds: UInt64
    ) -> Bool {
        if isWritable {
            self.sinceNanoseconds = nil
            return false
        }
        guard let since = self.sinceNanoseconds, bufferedBytes >= self.bufferedBytes else {
            self.sinceNanoseconds = nowNanoseconds
            self.bufferedBytes = bufferedBytes
            return false
        }
        return nowNanoseconds - since >= timeoutNanoseconds
    }
}
