// SPDX-License-Identifier: Apache-2.0
// The gzip format (RFC 1952), for what browsers load.

import CLibZ

public enum Gzip {
    /// Magic, deflate, no flags, no time, best compression, system unknown.
    private static let head: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]

    /// - Parameter level: of zlib, 0 to 9.
    public static func compress(_ bytes: [UInt8], level: Int) throws(FrameCodecError) -> [UInt8] {
        var compressor = try DeflateCompressor(level: level)
        var message = try compressor.message(start: self.head, body: bytes)
        let checksum = bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
        for word in [UInt32(truncatingIfNeeded: checksum), UInt32(truncatingIfNeeded: bytes.count)] {
            withUnsafeBytes(of: word.littleEndian) { message.append(contentsOf: $0) }
        }
        return message
    }
}
