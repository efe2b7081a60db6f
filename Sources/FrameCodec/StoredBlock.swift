// SPDX-License-Identifier: Apache-2.0
// Where a message of either compression stores its header, and how that first block is written.

/// The uncompressed first block of a message.
enum StoredBlock {
    enum Compression {
        case zstd
        case deflate
    }

    /// Magic, then the descriptor of a frame with a single segment and its size in four bytes.
    static let zstdStart: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0]
    private static let zstdContentOffset = 12
    private static let deflateContentOffset = 5

    /// Where the block's content is within the message.
    static func content(of message: UnsafeRawBufferPointer) throws(FrameDecodeError) -> Range<Int> {
        guard let first = message.first else { throw .truncated(neededBytes: 1, availableBytes: 0) }
        let start: Int
        let size: Int
        switch first {
        case self.zstdStart[0]:
            start = self.zstdContentOffset
            guard message.count >= start else { throw .truncated(neededBytes: start, availableBytes: message.count) }
            guard message.starts(with: self.zstdStart) else { throw .notAFrame }
            let block = UInt32(message[9]) | UInt32(message[10]) << 8 | UInt32(message[11]) << 16
            guard block & 0b111 == 0 else { throw .notAFrame }
            size = Int(block >> 3)
        case 0:
            start = self.deflateContentOffset
            guard message.count >= start else { throw .truncated(neededBytes: start, availableBytes: message.count) }
            let count = UInt16(message[1]) | UInt16(message[2]) << 8
            let complement = UInt16(message[3]) | UInt16(message[4]) << 8
            guard complement == ~count else { throw .notAFrame }
            size = Int(count)
        default: throw .notAFrame
        }
        guard message.count >= start + size else {
            throw .truncated(neededBytes: start + size, availableBytes: message.count)
        }
        return start..<start + size
    }

    /// What precedes the block's content; blocks of the body follow the content.
    static func writeStart(
        _ compression: Compression, storedBytes: Int, bodyBytes: Int, into writer: inout ByteWriter
    ) {
        switch compression {
        case .zstd:
            for byte in self.zstdStart { writer.byte(byte) }
            writer.fixed(UInt32(storedBytes + bodyBytes))
            let block = UInt32(storedBytes) << 3
            writer.fixed(UInt16(truncatingIfNeeded: block))
            writer.byte(UInt8(truncatingIfNeeded: block >> 16))
        case .deflate:
            writer.byte(0)
            writer.fixed(UInt16(storedBytes))
            writer.fixed(~UInt16(storedBytes))
        }
    }
}
