// SPDX-License-Identifier: Apache-2.0
// Decompresses raw deflate messages of unknown origin.

import CLibZ

/// An inflate stream, reused from frame to frame.
struct DeflateDecompressor: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init() {
        self.stream = .allocate(capacity: 1)
        self.stream.initialize(to: z_stream())
        self.isReady = tr_raw_inflate_init(self.stream) == Z_OK
    }

    deinit {
        inflateEnd(self.stream)
        self.stream.deallocate()
    }

    /// The whole plain message, at most ``FrameLimits/plainBytesMax`` bytes.
    ///
    /// - Parameter expectedBytes: what the header declares; more may follow.
    func plain(_ message: [UInt8], expectedBytes: Int) throws(FrameDecodeError) -> [UInt8] {
        guard self.isReady, inflateReset(self.stream) == Z_OK else {
            throw .decompressionFailed(reason: "no memory for a stream")
        }
        var plain: [UInt8] = []
        var status = Z_OK
        message.withUnsafeBufferPointer { message in
            self.stream.pointee.next_in = UnsafeMutablePointer(mutating: message.baseAddress)
            self.stream.pointee.avail_in = UInt32(clamping: message.count)
            var chunkBytes = expectedBytes + 1
            while status == Z_OK, plain.count <= FrameLimits.plainBytesMax {
                let chunk = [UInt8](unsafeUninitializedCapacity: chunkBytes) { buffer, count in
                    self.stream.pointee.next_out = buffer.baseAddress
                    self.stream.pointee.avail_out = UInt32(buffer.count)
                    status = inflate(self.stream, Z_NO_FLUSH)
                    count = buffer.count - Int(self.stream.pointee.avail_out)
                }
                if plain.isEmpty { plain = chunk } else { plain.append(contentsOf: chunk) }
                chunkBytes = 1 << 16
            }
        }
        guard plain.count <= FrameLimits.plainBytesMax else {
            throw .limitExceeded(
                what: "bytes decompressed", value: UInt64(plain.count), limit: UInt64(FrameLimits.plainBytesMax))
        }
        guard status == Z_STREAM_END, self.stream.pointee.avail_in == 0 else {
            throw .decompressionFailed(reason: "inflate returned \(status)")
        }
        return plain
    }
}
