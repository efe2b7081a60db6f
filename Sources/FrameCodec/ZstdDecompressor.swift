// SPDX-License-Identifier: Apache-2.0
// Decompresses zstd messages of unknown origin.

import CLibZstd

/// A zstd context, reused from frame to frame.
struct ZstdDecompressor: ~Copyable {
    private let context: OpaquePointer?

    init() { self.context = ZSTD_createDCtx() }

    deinit { ZSTD_freeDCtx(self.context) }

    /// The whole plain message, at most ``FrameLimits/plainBytesMax`` bytes.
    func plain(_ message: [UInt8]) throws(FrameDecodeError) -> [UInt8] {
        let declared = message.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The two largest values mean unknown and invalid: above the limit as well.
        guard declared <= UInt64(FrameLimits.plainBytesMax) else {
            throw .limitExceeded(
                what: "bytes decompressed", value: declared, limit: UInt64(FrameLimits.plainBytesMax))
        }
        var size = 0
        let plain = [UInt8](unsafeUninitializedCapacity: Int(declared)) { buffer, count in
            size = message.withUnsafeBytes { message in
                ZSTD_decompressDCtx(self.context, buffer.baseAddress, buffer.count, message.baseAddress, message.count)
            }
            count = ZSTD_isError(size) == 0 ? size : 0
        }
        guard ZSTD_isError(size) == 0 else {
            throw .decompressionFailed(reason: String(cString: ZSTD_getErrorName(size)))
        }
        return plain
    }
}
