// SPDX-License-Identifier: Apache-2.0
// Compresses bodies into raw deflate messages.

import CLibZ

/// A deflate stream and its output buffer, reused from frame to frame.
struct DeflateCompressor: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    init(level: Int) throws(FrameCodecError) {
        guard (0...9).contains(level) else {
            throw .levelOutOfRange(compressor: "deflate", level: level, allowed: 0...9)
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = tr_raw_deflate_init(stream, Int32(level))
        guard status == Z_OK else {
            stream.deallocate()
            throw .compressionFailed(compressor: "deflate", reason: "deflateInit2 returned \(status)")
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(self.stream)
        self.stream.deallocate()
        self.output.deallocate()
    }

    /// `start`, a stored block, followed by the compressed blocks of `body`.
    mutating func message(start: [UInt8], body: [UInt8]) throws(FrameCodecError) -> [UInt8] {
        deflateReset(self.stream)
        let bound = Int(deflateBound(self.stream, UInt(body.count)))
        if self.output.count < bound {
            self.output.deallocate()
            self.output = .allocate(capacity: bound)
        }
        let status = body.withUnsafeBufferPointer { body in
            self.stream.pointee.next_in = UnsafeMutablePointer(mutating: body.baseAddress)
            self.stream.pointee.avail_in = UInt32(body.count)
            self.stream.pointee.next_out = self.output.baseAddress
            self.stream.pointee.avail_out = UInt32(self.output.count)
            return deflate(self.stream, Z_FINISH)
        }
        guard status == Z_STREAM_END else {
            throw .compressionFailed(compressor: "deflate", reason: "deflate returned \(status)")
        }
        let blocks = self.output[..<Int(self.stream.pointee.total_out)]
        var message: [UInt8] = []
        message.reserveCapacity(start.count + blocks.count)
        message.append(contentsOf: start)
        message.append(contentsOf: blocks)
        return message
    }
}
