// SPDX-License-Identifier: Apache-2.0
// The server's frame encoder, shared by the publisher thread and the event loops.

import FrameCodec
import FramePublisher
import Synchronization

/// The one frame encoder of a server, used by one thread at a time.
final class SharedFrameEncoder: Sendable {
    private let encoder: Mutex<FrameEncoder>

    init(zstdLevel: Int, deflateLevel: Int) throws(FrameCodecError) {
        self.encoder = Mutex(try FrameEncoder(zstdLevel: zstdLevel, deflateLevel: deflateLevel))
    }

    func encode(
        _ cut: ChannelCut, from base: ChannelState?, base sequence: UInt64?, encoding: FrameEncoding
    ) -> Result<[UInt8], FrameCodecError> {
        self.encoder.withLock { encoder in
            Result { () throws(FrameCodecError) in
                guard let base else {
                    return try encoder.snapshot(of: cut.state, head: cut.head(base: nil), encoding: encoding)
                }
                return try encoder.delta(
                    from: base, to: cut.state, head: cut.head(base: sequence),
                    includingChecksum: cut.carriesChecksum, encoding: encoding)
            }
        }
    }
}
