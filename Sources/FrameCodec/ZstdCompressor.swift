// SPDX-License-Identifier: Apache-2.0
// Compresses bodies into zstd messages.

import CLibZstd

/// A zstd context and its output buffer, reused from frame to frame.
struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer
    private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(level: Int) throws(FrameCodecError) {
        let allowed = Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel())
        guard allowed.contains(level) else {
            throw .levelOutOfRange(compressor: "zstd", level: level, allowed: allowed)
        }
        guard let context = ZSTD_createCCtx() else {
            throw .compressionFailed(compressor: "zstd", reason: "no memory for a context")
        }
        self.context = context
        // The message has a frame header of its own: what libzstd writes there is dropped, so let it be short.
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0)
    }

    deinit {
        ZSTD_freeCCtx(self.context)
        self.output.deallocate()
    }

    /// `start`, a frame header and a raw block, followed by the compressed blocks of `body`.
    ///
    /// Those blocks refer only to bytes of the body, so it does not matter that others precede it in the message.
    mutating func message(start: [UInt8], body: [UInt8]) throws(FrameCodecError) -> [UInt8] {
        let bound = ZSTD_compressBound(body.count)
        if self.output.count < bound {
            self.output.deallocate()
            self.output = .allocate(byteCount: bound, alignment: 16)
        }
        let size = body.withUnsafeBytes { body in
            ZSTD_compress2(self.context, self.output.baseAddress, self.output.count, body.baseAddress, body.count)
        }
        guard ZSTD_isError(size) == 0 else {
            throw .compressionFailed(compressor: "zstd", reason: String(cString: ZSTD_getErrorName(size)))
        }
        let blocks = UnsafeRawBufferPointer(rebasing: self.output[Self.headerBytes(self.output[4])..<size])
        var message: [UInt8] = []
        message.reserveCapacity(start.count + blocks.count)
        message.append(contentsOf: start)
        message.append(contentsOf: blocks)
        return message
    }

    /// Bytes of a frame header with this descriptor (RFC 8878, section 3.1.1.1).
    private static func headerBytes(_ descriptor: UInt8) -> Int {
        let isSingleSegment = descriptor & 0x20 != 0
        let contentSizeBytes =
            switch descriptor >> 6 {
            case 0: isSingleSegment ? 1 : 0
            case 1: 2
            case 2: 4
            default: 8
            }
        let dictionaryBytes =
            switch descriptor & 0b11 {
            case 3: 4
            case let size: Int(size)
            }
        return 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes
    }
}
