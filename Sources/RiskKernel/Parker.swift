// SPDX-License-Identifier: Apache-2.0
// Where a thread sleeps until there is work.

import CRing

/// One thread sleeps here, any thread wakes it; a wake that comes early is not lost.
public final class Parker: @unchecked Sendable {
    private let parker: OpaquePointer

    public init() {
        guard let parker = tr_parker_create() else { fatalError("out of memory for a parker") }
        self.parker = parker
    }

    deinit { tr_parker_destroy(self.parker) }

    public func wake() { tr_parker_wake(self.parker) }

    /// Sleeps for at most `timeoutNanoseconds`, unless `hasWork` (asked after the sleep was announced) says not to.
    public func sleep(timeoutNanoseconds: UInt64, unless hasWork: () -> Bool) {
        tr_parker_prepare(self.parker)
        if hasWork() {
            tr_parker_cancel(self.parker)
        } else {
            tr_parker_wait(self.parker, timeoutNanoseconds)
        }
    }
}
