// SPDX-License-Identifier: Apache-2.0
// Gzip members against zlib's own reader.

import CLibZ
import FrameCodec
import Testing

struct GzipTests {
    /// What zlib reads from a gzip member; `nil` where it refuses, as for a wrong checksum or length.
    private func expand(_ member: [UInt8], sizeMax: Int) -> [UInt8]? {
        var stream = z_stream()
        // 16 more than the window: gzip and nothing else.
        let start = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard start == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = member
        var output = [UInt8](repeating: 0, count: sizeMax + 1)
        let (status, size) = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return (inflate(&stream, Z_FINISH), Int(stream.total_out))
            }
        }
        return status == Z_STREAM_END ? Array(output[..<size]) : nil
    }

    @Test(arguments: [0, 1, 9], [0, 1, 70_000])
    func whatWasCompressedIsRead(level: Int, size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let member = try Gzip.compress(bytes, level: level)
        #expect(self.expand(member, sizeMax: size) == bytes)
    }

    @Test func aChangedByteIsNoticed() throws {
        var member = try Gzip.compress(Array("tickrisk tickrisk tickrisk".utf8), level: 9)
        member[member.count - 5] ^= 1
        #expect(self.expand(member, sizeMax: 100) == nil)
    }

    @Test func aLevelBeyondTheRangeIsRefused() {
        #expect(throws: FrameCodecError.self) { try Gzip.compress([1], level: 10) }
    }
}
