// SPDX-License-Identifier: Apache-2.0
// Ends a wait on sockets from another thread, again and again.

import Glibc

/// A pipe whose reading end is readable from a ``signal()`` until ``drain()``; signals in between are one.
public final class WakePipe: Sendable {
    let readDescriptor: CInt
    private let writeDescriptor: CInt

    public init() {
        var descriptors: [CInt] = [-1, -1]
        let result = pipe(&descriptors)
        precondition(result == 0, "no pipe: error \(errno)")
        self.readDescriptor = descriptors[0]
        self.writeDescriptor = descriptors[1]
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            // A full pipe is as good as one byte, and an empty one is no reason to wait.
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(self.readDescriptor)
        close(self.writeDescriptor)
    }

    /// Callable from any thread; does not wait.
    public func signal() {
        var byte: UInt8 = 1
        _ = write(self.writeDescriptor, &byte, 1)
    }

    /// Waits for a signal where there is no socket to wait on.
    public func wait(timeoutMilliseconds: Int) {
        var item = pollfd(fd: self.readDescriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&item, 1, CInt(clamping: timeoutMilliseconds))
    }

    /// Of the thread that waits, before it looks for what it was woken for.
    public func drain() {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        while read(self.readDescriptor, &bytes, bytes.count) == bytes.count {}
    }
}
