// SPDX-License-Identifier: Apache-2.0
// Ends a wait on sockets from another thread.

import Glibc

/// A pipe whose reading end becomes readable, for good, once ``signal()`` was called.
public final class StopPipe: Sendable {
    public let readDescriptor: CInt
    private let writeDescriptor: CInt

    public init() {
        var descriptors: [CInt] = [-1, -1]
        let result = pipe(&descriptors)
        precondition(result == 0, "no pipe: error \(errno)")
        self.readDescriptor = descriptors[0]
        self.writeDescriptor = descriptors[1]
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(self.readDescriptor)
        close(self.writeDescriptor)
    }

    public func signal() {
        var byte: UInt8 = 1
        _ = write(self.writeDescriptor, &byte, 1)
    }
}
