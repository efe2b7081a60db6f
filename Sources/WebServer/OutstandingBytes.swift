// SPDX-License-Identifier: Apache-2.0
// How much of what was written the peer has not taken yet.

import Glibc
import NIOCore

extension Channel {
    /// Bytes waiting here and in the kernel until the peer acknowledges them. On the channel's event loop.
    ///
    /// The kernel's part matters: it takes new bytes from us in large steps, so that for minutes a peer that reads
    /// slowly looks, from here alone, like one that reads nothing.
    var outstandingBytes: Int {
        let buffered = (try? self.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let pipeline = self.pipeline.syncOperations
        let unacknowledged = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { handle in
            var count: CInt = 0
            return ioctl(handle, Self.sendQueueRequest, &count) == 0 ? Int(count) : 0
        }
        return buffered + (unacknowledged ?? 0)
    }

    /// SIOCOUTQ, which Swift's Glibc module does not show.
    private static var sendQueueRequest: UInt { 0x5411 }
}
