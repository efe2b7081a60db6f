// SPDX-License-Identifier: Apache-2.0
// A cut with its frames: each (base, encoding) is encoded and compressed once, whoever asks first, and shared by all.

import FrameCodec
import FramePublisher
import FrameRelay
import NIOCore
import NIOWebSocket
import Synchronization

final class WireCut: Sendable {
    /// Deltas from at most this many bases are made for one cut; clients at others get the shared snapshot.
    private static let baseLimit = 8

    private struct Key: Hashable {
        let base: UInt64?
        let encoding: FrameEncoding
    }

    let cut: ChannelCut
    private let encoder: SharedFrameEncoder
    private let frames = Mutex<[Key: ByteBuffer]>([:])

    /// - Parameter frames: made elsewhere of the same cut.
    init(_ cut: ChannelCut, encoder: SharedFrameEncoder, frames: [RelayedFrame] = []) {
        self.cut = cut
        self.encoder = encoder
        if frames.isEmpty { return }
        self.frames.withLock { made in
            for frame in frames {
                made[Key(base: frame.base, encoding: frame.encoding)] = ServerFrame.message(
                    frame.encoding.isBinary ? .binary : .text, frame.bytes)
            }
        }
    }

    /// The frame that brings a client from `base` here: a delta where the base is still known, else a snapshot.
    ///
    /// - Parameter base: what the client has; `nil` for nothing.
    func frame(from base: UInt64?, encoding: FrameEncoding) throws(FrameCodecError) -> ByteBuffer {
        let base = base.flatMap { sequence in self.cut.state(at: sequence).map { (sequence, $0) } }
        let key = Key(base: base?.0, encoding: encoding)
        let result: Result<ByteBuffer, FrameCodecError> = self.frames.withLock { frames in
            if let frame = frames[key] { return .success(frame) }
            if base != nil, Set(frames.keys.lazy.compactMap(\.base)).union([key.base!]).count > Self.baseLimit {
                return self.make(Key(base: nil, encoding: encoding), from: nil, in: &frames)
            }
            return self.make(key, from: base?.1, in: &frames)
        }
        return try result.get()
    }

    private func make(
        _ key: Key, from base: ChannelState?, in frames: inout [Key: ByteBuffer]
    ) -> Result<ByteBuffer, FrameCodecError> {
        if let frame = frames[key] { return .success(frame) }
        return self.encoder.encode(self.cut, from: base, base: key.base, encoding: key.encoding).map { bytes in
            let frame = ServerFrame.message(key.encoding.isBinary ? .binary : .text, bytes)
            frames[key] = frame
            return frame
        }
    }
}
